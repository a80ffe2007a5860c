/* QUIC's frames (RFC 9000, 19; RFC 9221, 4; the drafts of ACK_FREQUENCY and RESET_STREAM_AT): bytes ⇄ struct, as the
 * handshake messages of codec.h: spans point into the packet, the caller asks the wt_decode once, the trail has every
 * field under the RFC's name.
 *
 * A packet's payload is read frame by frame until it is empty or lost: frames do not say how long they are, so that
 * what follows one of an unknown type, or one that is cut, cannot be read. */
#ifndef WT_CODEC_FRAME_FRAME_H
#define WT_CODEC_FRAME_FRAME_H

#include "base/reader.h"
#include "base/writer.h"
#include "registry/quic.h"

/* Kinds of frames: rows of quic_frames.def, several types each where bits of the type say what is there. */
enum wt_quic_frame_kind {
#define WT_QUIC_FRAME(first, last, ID, id, packets, eliciting, rfc) WT_FRAME_##ID,
#include "registry/quic_frames.def"
#undef WT_QUIC_FRAME
    WT_FRAME_UNKNOWN
};

/* Bits of STREAM's type (RFC 9000, 19.8) and of DATAGRAM's. */
enum { WT_STREAM_FIN = 1, WT_STREAM_LEN = 2, WT_STREAM_OFF = 4, WT_DATAGRAM_LEN = 1 };

enum { WT_RESET_TOKEN = 16, WT_PATH_DATA = 8 };

struct wt_quic_ack {
    uint64_t largest_acknowledged;
    uint64_t ack_delay; /* as on the wire: microseconds >> ack_delay_exponent */
    uint64_t first_ack_range;
    uint64_t ack_range_count;
    struct wt_span ack_ranges; /* ack_range_count pairs of integers: wt_quic_ack_next() */
    bool has_ecn;
    uint64_t ect0_count, ect1_count, ecn_ce_count;
};

/* One frame. Of what follows `ack` each kind has what its RFC says; the rest is zero. */
struct wt_quic_frame {
    enum wt_quic_frame_kind kind;
    uint64_t type; /* on the wire */
    struct wt_quic_ack ack;
    uint64_t stream_id;
    uint64_t offset;     /* STREAM, CRYPTO */
    struct wt_span data; /* STREAM, CRYPTO, DATAGRAM; PATH_...: WT_PATH_DATA bytes; PADDING: all zeros in a row */
    uint64_t error_code; /* RESET_STREAM(_AT), STOP_SENDING: the application's; CONNECTION_CLOSE: as its kind says */
    uint64_t final_size, reliable_size;
    uint64_t maximum; /* MAX_..., ..._BLOCKED: Maximum Data, Maximum Stream Data, Maximum Streams */
    uint64_t sequence_number, retire_prior_to;
    struct wt_span connection_id, stateless_reset_token;
    struct wt_span token;
    uint64_t frame_type; /* CONNECTION_CLOSE: that triggered the error, 0: not known */
    struct wt_span reason_phrase;
    uint64_t ack_eliciting_threshold, requested_max_ack_delay, reordering_threshold; /* ACK_FREQUENCY */
};

/* Reads one frame; of a PADDING all that follow it, too. r is not empty. False when the decode is lost: what is left of
 * the packet cannot be read. A frame that breaks a rule of its own (a length, a sum) is read, and the decode has the
 * error with the RFC's sentence. */
bool wt_quic_frame_read(struct wt_reader *r, struct wt_quic_frame *out);
/* Writes it, integers in as few bytes as they take. STREAM and DATAGRAM without their LEN bit end the packet. */
void wt_quic_frame_write(struct wt_writer *w, const struct wt_quic_frame *in);

/* "crypto", "connection_close": in RFC 9000's snake case. "unknown" for what has no row. Static. */
const char *wt_quic_frame_id(enum wt_quic_frame_kind kind);
/* Whether a packet of that sort may have it (RFC 9000, 12.4, table 3; 12.5). */
bool wt_quic_frame_may_be_in(enum wt_quic_frame_kind kind, enum wt_quic_packet packet);
/* RFC 9002, 2: "All frames other than ACK, PADDING, and CONNECTION_CLOSE are considered ack-eliciting." */
bool wt_quic_frame_is_ack_eliciting(enum wt_quic_frame_kind kind);

/* The ranges of an ACK, from the largest down: packets smallest to largest, both included. Start with {0}; false at the
 * end, or where a number would be negative (RFC 9000, 19.3.1). */
struct wt_quic_ack_walk {
    uint64_t smallest, largest;
    struct wt_span rest;
    bool begun;
};
bool wt_quic_ack_next(const struct wt_quic_ack *ack, struct wt_quic_ack_walk *walk);

/* Parts of frame.c, a file each. */
void wt_frame_ack_read(struct wt_reader *r, struct wt_quic_frame *out);
void wt_frame_ack_write(struct wt_writer *w, const struct wt_quic_frame *in);
void wt_frame_stream_read(struct wt_reader *r, struct wt_quic_frame *out);
void wt_frame_stream_write(struct wt_writer *w, const struct wt_quic_frame *in);
void wt_frame_crypto_read(struct wt_reader *r, struct wt_quic_frame *out);
void wt_frame_crypto_write(struct wt_writer *w, const struct wt_quic_frame *in);
void wt_frame_datagram_read(struct wt_reader *r, struct wt_quic_frame *out);
void wt_frame_datagram_write(struct wt_writer *w, const struct wt_quic_frame *in);
void wt_frame_limit_read(struct wt_reader *r, struct wt_quic_frame *out);
void wt_frame_limit_write(struct wt_writer *w, const struct wt_quic_frame *in);
void wt_frame_reset_read(struct wt_reader *r, struct wt_quic_frame *out);
void wt_frame_reset_write(struct wt_writer *w, const struct wt_quic_frame *in);
void wt_frame_connection_id_read(struct wt_reader *r, struct wt_quic_frame *out);
void wt_frame_connection_id_write(struct wt_writer *w, const struct wt_quic_frame *in);
void wt_frame_close_read(struct wt_reader *r, struct wt_quic_frame *out);
void wt_frame_close_write(struct wt_writer *w, const struct wt_quic_frame *in);

#endif
