/* encrypted_client_hello: RFC 9849, 4 (ECHConfig) and 5 (the extension). */
#include "codec/ext/ext.h"

enum { OUTER, INNER };

/* "uint16 version" of the configurations and, by design, the extension's own number. */
#define ECH_VERSION 0xfe0d

static void read_suite(struct wt_reader *r, const char *field, uint16_t *kdf_id, uint16_t *aead_id)
{
    size_t mark = wt_read_enter(r, field);
    *kdf_id = wt_read_code16(r, "kdf_id", WT_REG_HPKE_KDF);
    *aead_id = wt_read_code16(r, "aead_id", WT_REG_HPKE_AEAD);
    wt_read_leave(r, mark);
}

static void read_hello(struct wt_reader *r, struct wt_ext_encrypted_client_hello *o)
{
    o->type = wt_read_code8(r, "type", WT_REG_ECH_CLIENT_HELLO_TYPE);
    if (o->type == INNER)
        return;
    if (o->type == OUTER) {
        read_suite(r, "cipher_suite", &o->kdf_id, &o->aead_id);
        o->config_id = wt_read_u8(r, "config_id");
        o->enc = wt_read_opaque(r, "enc", 2, 0, 0xffff, WT_TRAIL_BYTES);
        o->payload = wt_read_opaque(r, "payload", 2, 1, 0xffff, WT_TRAIL_BYTES);
        return;
    }
    size_t left = wt_reader_left(r);
    o->payload = wt_read_rest(r, "payload");
    wt_reader_fail_at(r, wt_reader_offset(r) - left - 1, WT_VALUE, "type", o->type, INNER,
                      "RFC 9849, 7: an ECHClientHello.type that is no ECHClientHelloType aborts the handshake with "
                      "\"illegal_parameter\"");
}

static void read_key_config(struct wt_reader *r, struct wt_ech_config *o)
{
    uint16_t kdf_id, aead_id;
    size_t mark = wt_read_enter(r, "key_config");
    o->config_id = wt_read_u8(r, "config_id");
    o->kem_id = wt_read_code16(r, "kem_id", WT_REG_HPKE_KEM);
    o->public_key = wt_read_opaque(r, "public_key", 2, 1, 0xffff, WT_TRAIL_BYTES);
    struct wt_reader suites = wt_read_vector(r, "cipher_suites", 2, 4, 0xfffc, WT_TRAIL_LIST);
    o->cipher_suites = (struct wt_span){suites.p, wt_reader_left(&suites)};
    while (wt_reader_left(&suites))
        read_suite(&suites, "cipher_suite", &kdf_id, &aead_id);
    wt_read_leave(r, mark);
}

static void read_contents(struct wt_reader *r, struct wt_ech_config *o)
{
    read_key_config(r, o);
    o->maximum_name_length = wt_read_u8(r, "maximum_name_length");
    o->public_name = wt_read_opaque(r, "public_name", 1, 1, 255, WT_TRAIL_TEXT);
    struct wt_reader list = wt_read_vector(r, "extensions", 2, 0, 0xffff, WT_TRAIL_LIST);
    o->extensions = (struct wt_span){list.p, wt_reader_left(&list)};
    while (wt_reader_left(&list)) {
        size_t mark = wt_read_enter(&list, "extension");
        (void)wt_read_u16(&list, "type"); /* a registry of its own: RFC 9849, 11.3 */
        (void)wt_read_opaque(&list, "data", 2, 0, 0xffff, WT_TRAIL_BYTES);
        wt_read_leave(&list, mark);
    }
    (void)wt_reader_close(r, "contents");
}

/* RFC 9849, 4: "length" lets a client skip the versions it does not know. */
static void read_config(struct wt_reader *r, struct wt_ech_config *o)
{
    size_t mark = wt_read_enter(r, "ech_config");
    o->version = wt_read_u16(r, "version");
    if (o->version == ECH_VERSION) {
        struct wt_reader contents = wt_read_vector(r, "contents", 2, 0, 0xffff, WT_TRAIL_STRUCT);
        o->contents = (struct wt_span){contents.p, wt_reader_left(&contents)};
        read_contents(&contents, o);
    } else {
        o->contents = wt_read_opaque(r, "contents", 2, 0, 0xffff, WT_TRAIL_BYTES);
    }
    wt_read_leave(r, mark);
}

bool wt_ext_ech_config_next(struct wt_span *rest, struct wt_ech_config *config)
{
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, *rest, NULL);
    if (!rest->n)
        return false;
    *config = (struct wt_ech_config){0};
    read_config(&r, config);
    *rest = wt_span_cut(*rest, wt_reader_offset(&r), SIZE_MAX);
    return wt_reader_ok(&r);
}

void wt_ext_encrypted_client_hello_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                        union wt_ext_body *out)
{
    struct wt_ext_encrypted_client_hello *o = &out->encrypted_client_hello;
    (void)c;
    if (where & WT_IN_CH) {
        read_hello(r, o);
        return;
    }
    if (where & WT_IN_HRR) {
        o->confirmation = wt_read_bytes(r, "confirmation", 8);
        return;
    }
    struct wt_reader list = wt_read_vector(r, "retry_configs", 2, 4, 0xffff, WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)};
    while (wt_reader_left(&list)) {
        struct wt_ech_config config = {0};
        read_config(&list, &config);
        if (!wt_reader_ok(r))
            return;
    }
    if (wt_reader_ok(r))
        o->retry_configs = all;
}

void wt_ext_encrypted_client_hello_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                         const union wt_ext_body *in)
{
    const struct wt_ext_encrypted_client_hello *i = &in->encrypted_client_hello;
    (void)c;
    if (where & WT_IN_HRR) {
        wt_write_bytes(w, i->confirmation);
    } else if (!(where & WT_IN_CH)) {
        wt_write_opaque(w, i->retry_configs, 2, 4, 0xffff, "retry_configs");
    } else {
        wt_write_u8(w, i->type);
        if (i->type != OUTER) {
            wt_write_bytes(w, i->payload);
            return;
        }
        wt_write_u16(w, i->kdf_id);
        wt_write_u16(w, i->aead_id);
        wt_write_u8(w, i->config_id);
        wt_write_opaque(w, i->enc, 2, 0, 0xffff, "enc");
        wt_write_opaque(w, i->payload, 2, 1, 0xffff, "payload");
    }
}
