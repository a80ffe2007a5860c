/* What a side sends that RFC 9000 has its peer close the connection for. */
#ifndef WT_OBSERVER_QUIC_VIOLATION_H
#define WT_OBSERVER_QUIC_VIOLATION_H

#include <stdint.h>

struct wt_quic;

/* RFC 9000, 20.1; RFC 9001, 4.8: alerts are codes from 0x0100 on. */
enum wt_quic_error {
    WT_QUIC_NO_ERROR = 0x00,
    WT_QUIC_STREAM_STATE_ERROR = 0x05,
    WT_QUIC_FRAME_ENCODING_ERROR = 0x07,
    WT_QUIC_TRANSPORT_PARAMETER_ERROR = 0x08,
    WT_QUIC_PROTOCOL_VIOLATION = 0x0a,
    WT_QUIC_VERSION_NEGOTIATION_ERROR = 0x11,
    WT_QUIC_CRYPTO_ERROR = 0x0100,
    WT_QUIC_CRYPTO_ERROR_LAST = 0x01ff,
};

/* The first of a connection is what its findings tell of. */
struct wt_quic_violation {
    uint64_t code;       /* enum wt_quic_error: what the peer is to close with */
    uint64_t frame_type; /* WT_QUIC_NO_FRAME: of no frame */
    uint16_t message;    /* one more than the type of a handshake message; 0: of none */
    const char *rule;    /* the RFC's sentence */
    uint32_t frame, count;
    uint8_t from;
};

#define WT_QUIC_NO_FRAME UINT64_MAX

void wt_quic_violation_note(struct wt_quic *q, unsigned from, uint64_t code, uint64_t frame_type, const char *rule);
/* With a handshake message of that type. */
void wt_quic_violation_message(struct wt_quic *q, unsigned from, uint64_t code, uint8_t type, const char *rule);
/* Nothing more comes: its finding. */
void wt_quic_violation_settle(struct wt_quic *q);

#endif
