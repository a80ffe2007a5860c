/* What a UDP conversation is, by what one of its datagrams says. */
#ifndef WT_OBSERVER_DATAGRAM_H
#define WT_OBSERVER_DATAGRAM_H

#include "observer/transport/account.h"

/* WT_BUCKET_UDP when this one does not tell. */
enum wt_bucket wt_detect_datagram(const struct wt_segment *s);

#endif
