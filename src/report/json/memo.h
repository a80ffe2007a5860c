/* Members that come again and again in the same words, kept by what decides them: what a message is, what was
 * negotiated, a finding. A writer that has a memo copies them; what it writes is the same as without. */
#ifndef WT_REPORT_JSON_MEMO_H
#define WT_REPORT_JSON_MEMO_H

#include "report/json/writer.h"

enum wt_json_memo_of {
    WT_JSON_MEMO_SENDER,  /* of a message: from whom, its content type */
    WT_JSON_MEMO_MESSAGE, /* what else is said of a message before its body */
    WT_JSON_MEMO_CLIENT,  /* an address */
    WT_JSON_MEMO_SERVER,
    WT_JSON_MEMO_LAYERS,
    WT_JSON_MEMO_CHOICE,
    WT_JSON_MEMO_HOPS,
    WT_JSON_MEMO_ENDING,
    WT_JSON_MEMO_WORDS,  /* of a finding, after its frame */
    WT_JSON_MEMO_PROOFS, /* and why nothing was decrypted */
};

enum { WT_JSON_MEMO_TEXTS = 8 };

/* All that the members are made of. */
struct wt_json_memo_key {
    uint64_t of; /* enum wt_json_memo_of in the lowest byte; the rest, and the two others, as it needs */
    uint64_t more[2];
    const char *const *texts; /* none is NULL */
    size_t count;             /* at most WT_JSON_MEMO_TEXTS */
};

struct wt_json_memo;
struct wt_json_memo *wt_json_memo_new(void); /* NULL without memory */
void wt_json_memo_free(struct wt_json_memo *memo);

/* Writes what is kept under the key, if the writer has a memo with it: true. Otherwise the caller writes it, between
 * wt_json_memo_begin(), which returns where that begins in the writer's block, and wt_json_memo_end(), which keeps it.
 * It is made of the key's texts and of at most 1 KiB of names of ours, and begins with a key or is nothing. */
bool wt_json_memo_write(struct wt_json *j, const struct wt_json_memo_key *key);
size_t wt_json_memo_begin(struct wt_json *j);
void wt_json_memo_end(struct wt_json *j, const struct wt_json_memo_key *key, size_t start);

#endif
