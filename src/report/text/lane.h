/* The lane between client and server: who sends what, row by row. */
#ifndef WT_TEXT_LANE_H
#define WT_TEXT_LANE_H

#include "report/text/text.h"

/* All messages of the connection; of QUIC all packets, with the messages in them. */
void wt_text_rows(struct wt_text *x);

#endif
