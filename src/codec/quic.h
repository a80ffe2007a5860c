/* Headers of QUIC's packets (RFC 9000, 17; RFC 8999; RFC 9369, 3.2): bytes ⇄ struct, as codec.h has it for handshake
 * messages. What header protection hides (the packet number and the low bits of the first byte) is not looked at here:
 * protect/quic.h. */
#ifndef WT_CODEC_QUIC_H
#define WT_CODEC_QUIC_H

#include "base/reader.h"
#include "base/writer.h"
#include "registry/quic.h"

enum {
    WT_QUIC_LONG = 0x80,      /* Header Form */
    WT_QUIC_FIXED = 0x40,     /* Fixed Bit; RFC 9287 lets peers grease it */
    WT_QUIC_SPIN = 0x20,      /* Spin Bit of a short header */
    WT_QUIC_KEY_PHASE = 0x04, /* of a short header, once its protection is off */
};

/* One packet's header. */
struct wt_quic_header {
    const struct wt_quic_version *row; /* of a long header's version; NULL: not known, or a short header; of an Initial
                                        * of a reserved version wt_quic_version_stand_in(0) */
    enum wt_quic_packet packet;        /* where `row` is NULL and the header long: as version 1 has the bits */
    uint8_t first;                     /* protected */
    uint32_t version;                  /* 0 in a short header */
    struct wt_span dcid, scid;
    bool has_ids;                      /* of a long header: both were read, also when what follows them was not */
    struct wt_span token;              /* Initial, Retry */
    struct wt_span original_dcid;      /* Retry before draft 25, which has it instead of the tag */
    struct wt_span retry_tag;          /* Retry: WT_QUIC_TAG bytes */
    struct wt_span supported_versions; /* Version Negotiation: 4 bytes each */
    struct wt_span rest;               /* of an unknown version: what its specification would explain */
    size_t number_at;                  /* from the packet's first byte on; 0: it has no packet number */
    size_t size;                       /* bytes of the whole packet: others may follow in the datagram */
};

/* Reads the packet that begins where r stands, up to its packet number, to which r is left (Retry, Version Negotiation
 * and unknown versions: r is empty). `dcid_length`: bytes of the Destination Connection ID in a short header, which
 * does not say it. False when it is none: too short, or a length that goes beyond the datagram; the decode says which.
 * A Fixed Bit of 0 is the caller's to judge. */
bool wt_quic_header_read(struct wt_reader *r, size_t dcid_length, struct wt_quic_header *out);
/* What follows once the protection is off, for who wants to see the fields: the packet number and what is protected. */
void wt_quic_number_read(struct wt_reader *r, unsigned number_length);

/* Writes the header of a packet that has `after` bytes behind its packet number (payload and tag): `first` with its
 * packet number length, version, ids and token of *in, and `number`. The Length takes two bytes, as it fits all that
 * UDP carries. */
void wt_quic_header_write(struct wt_writer *w, const struct wt_quic_header *in, uint64_t number, size_t after);

#endif
