#include "codec/dtls.h"

enum { NUMBER = 16 };

static bool lost(const struct wt_reader *r)
{
    return r->decode->lost;
}

/* RFC 6347, 4.1: DTLS's versions are the ones' complement of TLS's; OpenSSL's 0x0100 is older than the RFC. */
static bool is_version(uint16_t version)
{
    return version == WT_DTLS10 || version == WT_DTLS12 || version == WT_DTLS_OLD;
}

/* RFC 9147, 4: type, legacy_record_version, epoch, sequence_number, length; with tls12_cid the id before the length
 * (RFC 9146, 4). */
static void read_plain(struct wt_reader *r, size_t cid_length, struct wt_dtls_record *out)
{
    const size_t start = wt_reader_offset(r);
    out->type = wt_read_code8(r, "type", WT_REG_CONTENT_TYPE);
    out->version = wt_read_code16(r, "version", WT_REG_VERSION);
    if (!lost(r) && !wt_registry_name(WT_REG_CONTENT_TYPE, out->type))
        wt_reader_fail_at(r, start, WT_VALUE, "type", out->type, 0, NULL);
    else if (!lost(r) && !is_version(out->version))
        wt_reader_fail_at(r, start + 1, WT_VALUE, "version", out->version, 0, NULL);
    out->epoch = wt_read_u16(r, "epoch");
    out->sequence_at = 5;
    out->sequence_length = 6;
    out->sequence = wt_read_number(r, "sequence_number", 6, 0);
    if (out->type == WT_CONTENT_TLS12_CID)
        out->cid = wt_read_bytes(r, "cid", cid_length);
    out->fragment = wt_read_opaque(r, "fragment", 2, 0, UINT16_MAX, WT_TRAIL_BYTES);
}

/* RFC 9147, 4: "The length field MAY be omitted by clearing the L bit, which means that the record consumes the entire
 * rest of the datagram in the lower level transport." */
static void read_unified(struct wt_reader *r, size_t cid_length, struct wt_dtls_record *out)
{
    out->unified = true;
    out->first = wt_read_u8(r, "unified_header");
    out->epoch = out->first & WT_DTLS13_EPOCH;
    if (out->first & WT_DTLS13_CID)
        out->cid = wt_read_bytes(r, "connection_id", cid_length);
    out->sequence_at = (uint8_t)(1 + out->cid.n);
    out->sequence_length = out->first & WT_DTLS13_SEQUENCE16 ? 2 : 1;
    out->sequence = wt_read_number(r, "sequence_number", out->sequence_length, 0);
    out->fragment = out->first & WT_DTLS13_LENGTH
                        ? wt_read_opaque(r, "encrypted_record", 2, 0, UINT16_MAX, WT_TRAIL_BYTES)
                        : wt_read_rest(r, "encrypted_record");
}

bool wt_dtls_record_read(struct wt_reader *r, size_t cid_length, struct wt_dtls_record *out)
{
    const uint8_t *begin = r->p;
    *out = (struct wt_dtls_record){0};
    if (wt_reader_left(r) && wt_dtls_is_unified(r->p[0]))
        read_unified(r, cid_length, out);
    else
        read_plain(r, cid_length, out);
    if (lost(r))
        return false;
    out->size = (size_t)(r->p - begin);
    return true;
}

void wt_dtls_record_write(struct wt_writer *w, const struct wt_dtls_record *in, size_t length)
{
    if (in->unified) {
        wt_write_u8(w, in->first);
        wt_write_bytes(w, in->cid);
        wt_write_number(w, in->sequence & (in->first & WT_DTLS13_SEQUENCE16 ? 0xffff : 0xff),
                        in->first & WT_DTLS13_SEQUENCE16 ? 2 : 1);
        if (in->first & WT_DTLS13_LENGTH)
            wt_write_number(w, length, 2);
        return;
    }
    wt_write_u8(w, in->type);
    wt_write_u16(w, in->version);
    wt_write_u16(w, in->epoch);
    wt_write_number(w, in->sequence, 6);
    if (in->type == WT_CONTENT_TLS12_CID)
        wt_write_bytes(w, in->cid);
    wt_write_number(w, length, 2);
}

bool wt_dtls_fragment_read(struct wt_reader *r, struct wt_dtls_fragment *out)
{
    const size_t start = wt_reader_offset(r);
    *out = (struct wt_dtls_fragment){.type = wt_read_code8(r, "msg_type", WT_REG_HANDSHAKE_TYPE)};
    out->length = wt_read_u24(r, "length");
    out->message_seq = wt_read_u16(r, "message_seq");
    out->fragment_offset = wt_read_u24(r, "fragment_offset");
    out->bytes = wt_read_opaque(r, "fragment", 3, 0, (1u << 24) - 1, WT_TRAIL_BYTES);
    if (!lost(r) && out->fragment_offset + out->bytes.n > out->length)
        wt_reader_fault_at(r, start + 6, WT_LENGTH, "fragment_length", out->fragment_offset + out->bytes.n, out->length,
                           NULL);
    return !lost(r);
}

void wt_dtls_fragment_write(struct wt_writer *w, const struct wt_dtls_fragment *in)
{
    wt_write_u8(w, in->type);
    wt_write_u24(w, in->length);
    wt_write_u16(w, in->message_seq);
    wt_write_u24(w, in->fragment_offset);
    wt_write_opaque(w, in->bytes, 3, 0, (1u << 24) - 1, "fragment");
}

struct wt_span wt_dtls_ack_read(struct wt_reader *r)
{
    struct wt_reader list = wt_read_vector(r, "record_numbers", 2, 0, UINT16_MAX, WT_TRAIL_LIST);
    const struct wt_span all = {list.p, wt_reader_left(&list) - wt_reader_left(&list) % NUMBER};
    while (wt_reader_left(&list) >= NUMBER && !lost(&list)) {
        const size_t mark = wt_read_enter(&list, "record_number");
        (void)wt_read_u64(&list, "epoch");
        (void)wt_read_u64(&list, "sequence_number");
        wt_read_leave(&list, mark);
    }
    (void)wt_reader_close(&list, "record_numbers");
    return all;
}

void wt_dtls_ack_write(struct wt_writer *w, struct wt_span numbers)
{
    wt_write_opaque(w, numbers, 2, 0, UINT16_MAX, "record_numbers");
}

struct wt_record_number wt_dtls_ack_at(struct wt_span numbers, size_t i)
{
    const uint8_t *p = numbers.p + NUMBER * i;
    return (struct wt_record_number){(uint64_t)wt_get32(p) << 32 | wt_get32(p + 4),
                                     (uint64_t)wt_get32(p + 8) << 32 | wt_get32(p + 12)};
}
