/* What connections over UDP have in the head and at the end of their story, and those over TCP have not. */
#ifndef WT_TEXT_DATAGRAMS_H
#define WT_TEXT_DATAGRAMS_H

#include "report/text/text.h"

/* "QUIC v1"; NULL: it is not QUIC's. In a room of names.h. */
const char *wt_text_quic_version(struct wt_text *x);
/* "CONNECTION_CLOSE" in words: "application error 0x100 H3_NO_ERROR". */
struct wt_quic_close_seen;
void wt_text_quic_close(struct wt_text *x, const struct wt_quic_close_seen *close);
/* The facts of the head's third line. Each adds to x->words. */
void wt_text_datagram_facts(struct wt_text *x);
/* QUIC: what was carried, and who ended it; false where records tell what was carried. */
bool wt_text_datagram_end(struct wt_text *x);
/* Who ended a connection of DTLS, which nothing tells but its alerts; false: it is none. */
bool wt_text_dtls_closing(struct wt_text *x);

#endif
