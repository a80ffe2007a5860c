/* Notes on how one record was opened or sealed. They are taken only when somebody watches: opening discovers the layers
 * from the outside in, and overwrites what it reads, while the steps are told from the plaintext outwards. */
#ifndef WT_PROTECT_NOTES_H
#define WT_PROTECT_NOTES_H

#include "base/steps.h"
#include "protect/protect.h"

enum wt_note {
    WT_NOTE_TEXT,       /* the plaintext fragment */
    WT_NOTE_TYPE,       /* TLS 1.3: the inner content type */
    WT_NOTE_COMPRESSED, /* as it goes into protection, when it was compressed */
    WT_NOTE_PSEUDO,     /* seq_num, type, version, length (SSL 3.0 without version) */
    WT_NOTE_AUTHENTIC,  /* what follows them in the MAC */
    WT_NOTE_INNER_MAC,  /* SSL 3.0: the inner hash */
    WT_NOTE_MAC,        /* as computed, whole */
    WT_NOTE_MAC_FOUND,  /* as the record carries it */
    WT_NOTE_PADDING,    /* with its length byte */
    WT_NOTE_PLAIN,      /* all that was enciphered */
    WT_NOTE_FIXED,      /* fixed half of a nonce, or the static IV */
    WT_NOTE_IV,         /* CBC's IV */
    WT_NOTE_EXPLICIT,   /* what goes before the ciphertext: explicit nonce or IV */
    WT_NOTE_NONCE,
    WT_NOTE_ADDITIONAL,
    WT_NOTE_CIPHERTEXT,
    WT_NOTE_TAG,
    WT_NOTE_HEADER,
    WT_NOTE_BODY, /* opening: what stands behind the header, before anything is done with it */
    WT_NOTE_COUNT
};

struct wt_notes {
    struct wt_span at[WT_NOTE_COUNT]; /* p NULL: not noted. Copies. */
    uint64_t sequence;
    enum wt_opening result; /* sealing: WT_OPENED */
};

/* Copies; without memory the note is missing. A note that is taken again replaces the one before. */
void wt_notes_take(struct wt_notes *notes, enum wt_note what, const void *p, size_t n);
/* Wiped: it was plaintext. */
void wt_notes_clear(struct wt_notes *notes);

/* The only form that the fast path sees. */
static inline void wt_note(struct wt_notes *notes, enum wt_note what, const void *p, size_t n)
{
    if (notes)
        wt_notes_take(notes, what, p, n);
}

#endif
