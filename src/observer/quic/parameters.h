/* Transport parameters (RFC 9000, 7.4 and 18): what they say, held against what passed. */
#ifndef WT_OBSERVER_QUIC_PARAMETERS_H
#define WT_OBSERVER_QUIC_PARAMETERS_H

#include "base/span.h"

struct wt_quic;

enum wt_quic_mismatch {
    WT_QUIC_MISMATCH_NONE,
    WT_QUIC_MISMATCH_ORIGINAL, /* original_destination_connection_id */
    WT_QUIC_MISMATCH_SOURCE,   /* initial_source_connection_id */
    WT_QUIC_MISMATCH_RETRY,    /* retry_source_connection_id */
    WT_QUIC_MISMATCH_VERSION,  /* version_information */
};

/* What is verified of a side's. */
struct wt_quic_verified {
    uint32_t frame;
    uint8_t mismatch; /* enum wt_quic_mismatch: the first */
    bool seen, ids;   /* the parameters were read; they have what is to be compared */
};

/* A message of the handshake that may have them: ClientHello, EncryptedExtensions. */
void wt_quic_parameters_message(struct wt_quic *q, unsigned from, uint8_t type, struct wt_span body);

#endif
