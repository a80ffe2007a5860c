/* A packet of QUIC, a record of DTLS: its fields, one by one. */
#ifndef WT_EXPLAIN_DATAGRAMS_H
#define WT_EXPLAIN_DATAGRAMS_H

#include "report/text/text.h"
#include "wiretale/dtls.h"
#include "wiretale/quic.h"

/* Nothing of one whose bytes were not kept. */
void wt_explain_packet(struct wt_text *x, const struct wt_quic_packet_seen *packet);
void wt_explain_record(struct wt_text *x, const struct wt_dtls_record_seen *record);

#endif
