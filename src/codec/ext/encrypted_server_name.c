/* encrypted_server_name (ESNI): draft-ietf-tls-esni-02 to -06, section 5. */
#include "codec/ext/ext.h"

enum { ACCEPT, RETRY_REQUEST };

#define NONCE_LENGTH 16

static void read_client(struct wt_reader *r, struct wt_ext_encrypted_server_name *o)
{
    o->suite = wt_read_code16(r, "suite", WT_REG_CIPHER_SUITE);
    size_t mark = wt_read_enter(r, "key_share");
    o->group = wt_read_code16(r, "group", WT_REG_GROUP);
    o->key_exchange = wt_read_opaque(r, "key_exchange", 2, 1, 0xffff, WT_TRAIL_BYTES);
    wt_read_leave(r, mark);
    o->record_digest = wt_read_opaque(r, "record_digest", 2, 0, 0xffff, WT_TRAIL_BYTES);
    o->encrypted_sni = wt_read_opaque(r, "encrypted_sni", 2, 0, 0xffff, WT_TRAIL_BYTES);
}

/* Up to draft 02 the answer was the nonce alone; then a response_type came before it. */
static void read_server(struct wt_reader *r, struct wt_ext_encrypted_server_name *o)
{
    o->has_response_type = wt_reader_left(r) != NONCE_LENGTH;
    if (o->has_response_type)
        o->response_type = wt_read_u8(r, "response_type");
    if (!wt_reader_ok(r))
        return;
    if (o->response_type == ACCEPT)
        o->nonce = wt_read_bytes(r, "nonce", NONCE_LENGTH);
    else if (o->response_type == RETRY_REQUEST)
        o->retry_keys = wt_read_opaque(r, "retry_keys", 2, 1, 0xffff, WT_TRAIL_BYTES);
    else
        wt_reader_fail(r, WT_UNSUPPORTED, "response_type", o->response_type, RETRY_REQUEST, NULL);
}

void wt_ext_encrypted_server_name_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                       union wt_ext_body *out)
{
    (void)c;
    if (where & WT_IN_CH)
        read_client(r, &out->encrypted_server_name);
    else
        read_server(r, &out->encrypted_server_name);
}

void wt_ext_encrypted_server_name_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                        const union wt_ext_body *in)
{
    const struct wt_ext_encrypted_server_name *i = &in->encrypted_server_name;
    (void)c;
    if (where & WT_IN_CH) {
        wt_write_u16(w, i->suite);
        wt_write_u16(w, i->group);
        wt_write_opaque(w, i->key_exchange, 2, 1, 0xffff, "key_exchange");
        wt_write_opaque(w, i->record_digest, 2, 0, 0xffff, "record_digest");
        wt_write_opaque(w, i->encrypted_sni, 2, 0, 0xffff, "encrypted_sni");
        return;
    }
    if (i->has_response_type)
        wt_write_u8(w, i->response_type);
    if (i->response_type == ACCEPT)
        wt_write_bytes(w, i->nonce);
    else
        wt_write_opaque(w, i->retry_keys, 2, 1, 0xffff, "retry_keys");
}
