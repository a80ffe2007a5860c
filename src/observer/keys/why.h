/* Why records do not open. */
#ifndef WT_OBSERVER_WHY_H
#define WT_OBSERVER_WHY_H

struct wt_observer;
struct wt_conversation;

/* Of a side's records. */
enum wt_why {
    WT_WHY_NONE,
    WT_WHY_NO_SECRET,  /* nothing for this client random */
    WT_WHY_NO_LABEL,   /* `label` is missing */
    WT_WHY_LENGTH,     /* a secret of `a` bytes where the hash wants `b` */
    WT_WHY_NO_HELLO,   /* the hellos were not seen */
    WT_WHY_CIPHER,     /* libcrypto, or we, lack what the suite names */
    WT_WHY_GAP,        /* `a` bytes are missing before record `b` */
    WT_WHY_FAILED,     /* MAC or tag fails at record `a` */
    WT_WHY_RSA,        /* the private key does not decrypt the premaster */
    WT_WHY_TRANSCRIPT, /* the extended master secret needs messages that are missing */
    WT_WHY_LATE,       /* the secret came when `a` records had passed */
    WT_WHY_RESUMED,    /* a private key was given, but the session was made elsewhere */
    WT_WHY_FRESH,      /* the keys hang on a fresh (EC)DHE secret too, which no private key or PSK gives */
};

/* Why the connection was not, or not wholly, opened, in the user's language, in the story's arena; NULL when it was or
 * when nothing was encrypted. */
const char *wt_why_not(struct wt_observer *o, const struct wt_conversation *c);

#endif
