#include "codec/quic.h"

#include "registry/registry.h"

enum { LENGTH_WIDTH = 2 };

static bool lost(const struct wt_reader *r)
{
    return r->decode->lost;
}

/* RFC 9000, 17.2: "Endpoints that receive a version 1 long header with a value larger than 20 MUST drop the packet." */
static struct wt_span read_id(struct wt_reader *r, const char *field, const struct wt_quic_header *header)
{
    const size_t offset = wt_reader_offset(r);
    const struct wt_span id = wt_read_opaque(r, field, 1, 0, 255, WT_TRAIL_BYTES);
    if (header->row && id.n > WT_QUIC_CID_MOST)
        wt_reader_fail_at(r, offset, WT_LENGTH, field, id.n, WT_QUIC_CID_MOST,
                          "RFC 9000, 17.2: \"In QUIC version 1, this value MUST NOT exceed 20 bytes.\"");
    return id;
}

/* 17.2.1: "The remainder of the Version Negotiation packet is a list of 32-bit versions that the server supports." */
static void read_versions(struct wt_reader *r, struct wt_quic_header *out)
{
    struct wt_reader list = wt_read_part(r, "supported_versions", wt_reader_left(r), WT_TRAIL_LIST);
    out->supported_versions = wt_span_of(list.p, wt_reader_left(&list) & ~(size_t)3);
    while (wt_reader_left(&list) >= 4 && !lost(&list))
        (void)wt_read_number(&list, "supported_version", 4, WT_REG_QUIC_VERSION);
    if (wt_reader_left(&list))
        wt_reader_fault_at(&list, wt_reader_offset(&list), WT_TRAILING, "supported_versions", wt_reader_left(&list), 0,
                           NULL);
}

/* 17.2.5; before draft 25, "ODCID Len (8)" and "Original Destination Connection ID" instead of the tag. */
static void read_retry(struct wt_reader *r, struct wt_quic_header *out)
{
    if (!wt_quic_version_has_retry_tag(out->row)) {
        out->original_dcid = wt_read_opaque(r, "original_destination_connection_id", 1, 0, 255, WT_TRAIL_BYTES);
        out->token = wt_read_rest(r, "retry_token");
        return;
    }
    if (!wt_reader_has(r, "retry_integrity_tag", WT_QUIC_TAG))
        return;
    out->token = wt_read_bytes(r, "retry_token", wt_reader_left(r) - WT_QUIC_TAG);
    out->retry_tag = wt_read_bytes(r, "retry_integrity_tag", WT_QUIC_TAG);
}

/* What Initial, 0-RTT and Handshake have behind the ids. "Length: This is the length of the remainder of the packet
 * (that is, the Packet Number and Payload fields) in bytes". */
static void read_numbered(struct wt_reader *r, const uint8_t *begin, struct wt_quic_header *out)
{
    if (out->packet == WT_QUIC_INITIAL)
        out->token = wt_read_varint_opaque(r, "token", 0, SIZE_MAX, WT_TRAIL_BYTES);
    const size_t offset = wt_reader_offset(r);
    const uint64_t length = wt_read_varint(r, "length", 0);
    if (lost(r))
        return;
    if (length > wt_reader_left(r)) {
        wt_reader_fail_at(r, offset, WT_TRUNCATED, "length", wt_reader_left(r), length, NULL);
        return;
    }
    out->number_at = (size_t)(r->p - begin);
    out->size = out->number_at + (size_t)length;
}

/* Whether an Initial packet's fields follow, and its Length is right; or the header is all that is at hand. */
static bool is_initial(const struct wt_reader *r, const struct wt_quic_header *h)
{
    struct wt_decode decode;
    struct wt_reader ahead = wt_reader_start(&decode, wt_span_of(r->p, wt_reader_left(r)), NULL);
    struct wt_quic_header as = {.packet = h->packet};
    if (h->packet != WT_QUIC_INITIAL || h->dcid.n > WT_QUIC_CID_MOST || h->scid.n > WT_QUIC_CID_MOST)
        return false;
    read_numbered(&ahead, ahead.p, &as);
    return !lost(&ahead) || (decode.error.code == WT_TRUNCATED && decode.error.value == 0);
}

static void read_long(struct wt_reader *r, const uint8_t *begin, struct wt_quic_header *out)
{
    const size_t all = wt_reader_left(r) + 1;
    out->version = (uint32_t)wt_read_number(r, "version", 4, WT_REG_QUIC_VERSION);
    out->row = lost(r) ? NULL : wt_quic_version_find(out->version);
    out->packet = out->version == WT_QUIC_NEGOTIATION ? WT_QUIC_VERSION_NEGOTIATION
                                                      : wt_quic_long_packet(out->row, out->first >> 4 & 3);
    out->dcid = read_id(r, "destination_connection_id", out);
    out->scid = read_id(r, "source_connection_id", out);
    out->size = all;
    if (lost(r))
        return;
    out->has_ids = true;
    if (wt_quic_version_is_reserved(out->version) && is_initial(r, out))
        out->row = wt_quic_version_stand_in(0);
    if (out->packet == WT_QUIC_VERSION_NEGOTIATION)
        read_versions(r, out);
    else if (!out->row)
        out->rest = wt_read_rest(r, "type_specific_payload");
    else if (out->packet == WT_QUIC_RETRY)
        read_retry(r, out);
    else
        read_numbered(r, begin, out);
}

bool wt_quic_header_read(struct wt_reader *r, size_t dcid_length, struct wt_quic_header *out)
{
    const uint8_t *begin = r->p;
    *out = (struct wt_quic_header){.packet = WT_QUIC_1RTT, .size = wt_reader_left(r)};
    out->first = wt_read_u8(r, "first_byte");
    if (lost(r))
        return false;
    if (out->first & WT_QUIC_LONG) {
        read_long(r, begin, out);
    } else {
        out->dcid = wt_read_bytes(r, "destination_connection_id", dcid_length);
        out->number_at = 1 + dcid_length;
    }
    return !lost(r);
}

void wt_quic_number_read(struct wt_reader *r, unsigned number_length)
{
    (void)wt_read_number(r, "packet_number", number_length, 0);
    (void)wt_read_rest(r, "protected_payload");
}

void wt_quic_header_write(struct wt_writer *w, const struct wt_quic_header *in, uint64_t number, size_t after)
{
    const unsigned number_length = (in->first & 3u) + 1;
    wt_write_u8(w, in->first);
    if (in->first & WT_QUIC_LONG) {
        wt_write_u32(w, in->version);
        wt_write_opaque(w, in->dcid, 1, 0, 255, "destination_connection_id");
        wt_write_opaque(w, in->scid, 1, 0, 255, "source_connection_id");
        if (in->packet == WT_QUIC_INITIAL) {
            wt_write_varint(w, in->token.n);
            wt_write_bytes(w, in->token);
        }
        wt_write_varint_in(w, number_length + after, LENGTH_WIDTH);
    } else {
        wt_write_bytes(w, in->dcid);
    }
    wt_write_number(w, number & (((uint64_t)1 << (8 * number_length)) - 1), number_length);
}
