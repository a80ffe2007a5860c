/* What can be wrong with bytes from the wire, a file or a caller, and where it is wrong.
 *
 * Inner code returns one of these codes and leaves the details in a struct wt_error; only the outermost
 * call turns them into words (wt_error_format) or, at an endpoint, into an alert. */
#ifndef WIRETALE_ERROR_H
#define WIRETALE_ERROR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define WT_API __attribute__((visibility("default")))
#else
#define WT_API
#endif

enum wt_code {
    WT_OK = 0,
    WT_TRUNCATED,   /* a field needs more bytes than what holds it has */
    WT_TRAILING,    /* bytes are left where the structure ends */
    WT_LENGTH,      /* a vector's length lies outside the RFC's <min..max> */
    WT_VALUE,       /* a field holds a value that the RFC forbids there */
    WT_DUPLICATE,   /* something stands twice that may stand once */
    WT_LIMIT,       /* one of our limits (registry/limits.h) was hit */
    WT_UNSUPPORTED, /* well-formed, but of a kind that we do not know */
    WT_NO_SPACE,    /* the caller's buffer is too small */
    WT_MEMORY,      /* the system gave no memory */
    WT_IO,          /* the system refused a read, write or open; `value` is errno */
    WT_FORMAT,      /* a file is not what it has to be */
    WT_MISSING,     /* what the RFC demands is not there; `value` is its code point, if it has one */
    WT_MISMATCH,    /* a field does not repeat what it has to; `bound` is that, if it is a number */
    WT_SHRUNK,      /* a file has become shorter while it was read */
};

/* Where and why. `field` and `rule` are static strings (never to be freed) or NULL. */
struct wt_error {
    enum wt_code code;
    const char *field; /* the RFC's name of the field, as "cipher_suites" */
    uint64_t offset;   /* bytes from the start of the message or file */
    uint64_t value;    /* what was found there */
    uint64_t bound;    /* what it was held against: a length, a minimum, a maximum; 0 when nothing */
    const char *rule;  /* "RFC 8446, 4.1.2: ...", the sentence that decides it */
};

/* Writes one line, without a newline, as: "cipher_suites at byte 38: 3 bytes, RFC 5246 7.4.1.2 wants …".
 * Never writes more than `size` bytes, always ends with NUL when size > 0; returns the length it would have had. */
WT_API size_t wt_error_format(const struct wt_error *error, char *out, size_t size);

/* What the system says by an errno, in the language that is spoken. The text is libc's own for what is rare, and then good
 * until the next call. */
WT_API const char *wt_error_reason(int number);

/* How many allocations the system has refused the library in this process, whatever came of each. What was made in the
 * meantime may lack something: an observer's summary has those of its life as `out_of_memory`. */
WT_API size_t wt_memory_refusals(void);

/* The code's name in lower snake case, as "truncated". */
WT_API const char *wt_code_name(enum wt_code code);

#ifdef __cplusplus
}
#endif
#endif
