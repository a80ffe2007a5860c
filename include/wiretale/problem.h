/* Why something that a caller gave was not taken: a line of a key log, a private key, a pre-shared key, certificates to
 * trust, an interface to listen on. */
#ifndef WIRETALE_PROBLEM_H
#define WIRETALE_PROBLEM_H

#include "wiretale/error.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wt_problem_id {
    WT_PROBLEM_NONE,
    WT_PROBLEM_MEMORY,
    WT_PROBLEM_OPTIONS, /* value[0]: byte of the options struct that is not known here, or of its `size` */

    /* a line of a key log; `name` is its label; what begins like these is no key log, and nothing of it is read */
    WT_PROBLEM_KEYLOG_PEM,
    WT_PROBLEM_KEYLOG_PACKED,
    WT_PROBLEM_KEYLOG_CAPTURE,
    WT_PROBLEM_KEYLOG_LONG,  /* value[0]: bytes that a line may have */
    WT_PROBLEM_KEYLOG_LABEL, /* detail: a label that is not known */
    WT_PROBLEM_KEYLOG_NO_LABEL,
    WT_PROBLEM_KEYLOG_NUL,
    WT_PROBLEM_KEYLOG_RANDOM,    /* value[0]: digits of what should be a client random */
    WT_PROBLEM_KEYLOG_ENCRYPTED, /* value[0]: digits of what should be the start of an encrypted premaster secret */
    WT_PROBLEM_KEYLOG_SESSION,   /* value[0]: digits of what should be a session id */
    WT_PROBLEM_KEYLOG_NO_SECRET,
    WT_PROBLEM_KEYLOG_NO_MASTER,
    WT_PROBLEM_KEYLOG_ODD,    /* value[0]: digits of the secret */
    WT_PROBLEM_KEYLOG_LENGTH, /* value[0]: digits of the secret; value[1]: what they must be */
    WT_PROBLEM_KEYLOG_RANGE,  /* value[0]: digits of the secret; value[1] and value[2]: their least and most */
    WT_PROBLEM_KEYLOG_MORE,
    WT_PROBLEM_KEYLOG_OTHER,
    WT_PROBLEM_DIGIT, /* of a PSK file's line as well */

    /* pre-shared keys */
    WT_PROBLEM_PSK_EMPTY,
    WT_PROBLEM_PSK_LONG,
    WT_PROBLEM_PSK_IDENTITY,
    WT_PROBLEM_PSK_MANY,
    WT_PROBLEM_PSK_OTHER,
    WT_PROBLEM_PSK_COLON,
    WT_PROBLEM_PSK_ODD,

    /* private keys */
    WT_PROBLEM_RSA_MANY,
    WT_PROBLEM_RSA_EMPTY,
    WT_PROBLEM_RSA_FILE,
    WT_PROBLEM_RSA_LARGE,
    WT_PROBLEM_RSA_KIND,
    WT_PROBLEM_RSA_PASSWORD,
    WT_PROBLEM_RSA_ENCRYPTED,
    WT_PROBLEM_RSA_NONE,
    WT_PROBLEM_KEY_KIND,
    WT_PROBLEM_KEY_OTHER, /* of another certificate than the one beside it */

    /* what certificates are judged by */
    WT_PROBLEM_TRUST_MANY,
    WT_PROBLEM_TRUST_LARGE,
    WT_PROBLEM_TRUST_NONE,
    WT_PROBLEM_TRUST_BROKEN,
    WT_PROBLEM_TRUST_PATH,
    WT_PROBLEM_TRUST_HOST,
    WT_PROBLEM_TRUST_LOG,
    WT_PROBLEM_TRUST_NO_LOG,

    /* live capture; `name` is the interface */
    WT_PROBLEM_LIVE_NO_INTERFACE,
    WT_PROBLEM_LIVE_PERMISSION,
    WT_PROBLEM_LIVE_DOWN,
    WT_PROBLEM_LIVE_OTHER,      /* detail: libpcap's words */
    WT_PROBLEM_LIVE_FILTER,     /* name: the filter; detail: libpcap's words */
    WT_PROBLEM_LIVE_PRIVILEGES, /* name: the system call; value[0]: errno */

    WT_PROBLEM_SM2_KIND, /* a private key, and not of SM2 */

    WT_PROBLEM_KEYLOG_MASTERS, /* a line's: a further master secret of one client random, for which there is no room */

    WT_PROBLEM_COUNT
};

struct wt_problem {
    enum wt_problem_id id;
    const char *name; /* static or the caller's; NULL: none */
    uint64_t value[3];
    char detail[320]; /* plain text, ends with NUL */
};

/* One line in the user's language, without a newline or full stop. Never writes more than `size` bytes, always ends
 * with NUL when size > 0; returns the length it would have had. */
WT_API size_t wt_problem_format(const struct wt_problem *problem, char *out, size_t size);

/* The same for one that has neither values nor a name. Static. */
WT_API const char *wt_problem_text(enum wt_problem_id id);

#ifdef __cplusplus
}
#endif
#endif
