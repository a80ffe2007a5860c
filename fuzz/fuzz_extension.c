/* Extensions: the first byte chooses the message they stand in and whether the rest is a whole block (its high bit) or
 * one extension's number and body.
 *
 * Held to: the same answer with a trail, without, and with one that is too small; a trail that covers every byte of
 * what could be read; the same bytes when written again; walkers that come to the list's end. */
#include "codec/ext/ext.h"

#include "../tests/codec/trail_check.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EVENTS = 1 << 18, SMALL = 7 };

static struct wt_trail_event events[EVENTS];
static const struct wt_codec_context context;

static void hold(bool so, const char *what)
{
    if (so)
        return;
    fprintf(stderr, "fuzz_extension: %s\n", what);
    abort();
}

static bool same_error(const struct wt_error *a, const struct wt_error *b)
{
    return a->code == b->code && a->field == b->field && a->offset == b->offset && a->value == b->value &&
           a->bound == b->bound && a->rule == b->rule;
}

static bool was_read(enum wt_code code)
{
    return code == WT_OK || code == WT_VALUE || code == WT_DUPLICATE || code == WT_LIMIT;
}

#define WALK(list, ...)                                                                                                \
    for (rest = (list); __VA_ARGS__;)                                                                                  \
        ;                                                                                                              \
    hold(rest.n == 0, "a list that was checked does not end: " #list)

static void walk(uint16_t id, const union wt_ext_body *b)
{
    struct wt_span rest, one, two;
    struct wt_sct sct;
    struct wt_ext_quic_transport_parameters parameters;
    struct wt_ech_config config;
    uint64_t number;
    uint32_t age;
    uint16_t code;
    uint8_t type;
    switch (id) {
    case WT_EXT_SERVER_NAME:
        WALK(b->server_name.server_name_list, wt_ext_server_name_next(&rest, &type, &one));
        break;
    case WT_EXT_TRUSTED_CA_KEYS:
        WALK(b->trusted_ca_keys.trusted_authorities_list, wt_ext_trusted_ca_keys_next(&rest, &type, &one));
        break;
    case WT_EXT_STATUS_REQUEST:
        WALK(b->status_request.responder_id_list, wt_ext_opaque_next(&rest, 2, &one));
        break;
    case WT_EXT_STATUS_REQUEST_V2:
        WALK(b->status_request_v2.certificate_status_req_list, wt_ext_status_request_v2_next(&rest, &type, &one));
        break;
    case WT_EXT_ALPN:
        WALK(b->alpn.protocol_name_list, wt_ext_opaque_next(&rest, 1, &one));
        break;
    case WT_EXT_SIGNED_CERTIFICATE_TIMESTAMP:
        WALK(b->signed_certificate_timestamp.sct_list, wt_ext_sct_next(&rest, &sct));
        break;
    case WT_EXT_CACHED_INFO:
        WALK(b->cached_info.cached_info, wt_ext_cached_info_next(&rest, b->cached_info.types_only, &type, &one));
        break;
    case WT_EXT_PRE_SHARED_KEY:
        WALK(b->pre_shared_key.identities, wt_ext_psk_identity_next(&rest, &one, &age));
        WALK(b->pre_shared_key.binders, wt_ext_opaque_next(&rest, 1, &one));
        break;
    case WT_EXT_CERTIFICATE_AUTHORITIES:
        WALK(b->certificate_authorities.authorities, wt_ext_opaque_next(&rest, 2, &one));
        break;
    case WT_EXT_OID_FILTERS:
        WALK(b->oid_filters.filters, wt_ext_oid_filters_next(&rest, &one, &two));
        break;
    case WT_EXT_KEY_SHARE:
    case WT_EXT_KEY_SHARE_OLD:
        WALK(b->key_share.client_shares, wt_ext_key_share_next(&rest, &code, &one));
        break;
    case WT_EXT_QUIC_TRANSPORT_PARAMETERS:
    case WT_EXT_QUIC_TRANSPORT_PARAMETERS_DRAFT:
        parameters = b->quic_transport_parameters;
        while (parameters.parameters.n)
            hold(wt_ext_quic_next(&parameters, &number, &one), "a list is not walked to its end");
        break;
    case WT_EXT_NEXT_PROTOCOL_NEGOTIATION:
        WALK(b->next_protocol_negotiation.protocols, wt_ext_opaque_next(&rest, 1, &one));
        break;
    case WT_EXT_ENCRYPTED_CLIENT_HELLO:
        WALK(b->encrypted_client_hello.retry_configs, wt_ext_ech_config_next(&rest, &config));
        break;
    default:
        break;
    }
}

static void body(uint16_t id, enum wt_ext_where where, struct wt_span bytes)
{
    struct wt_trail trail = {events, 0, EVENTS, 0}, small = {events, 0, SMALL, 0};
    union wt_ext_body plain, again;
    struct wt_error error, other;
    struct wt_span written;
    enum wt_code code = wt_extension_decode(id, &context, where, bytes, NULL, &plain, &error);
    hold(code == wt_extension_decode(id, &context, where, bytes, &small, &again, &other) && same_error(&error, &other),
         "a small trail changes the answer");
    hold(code == wt_extension_decode(id, &context, where, bytes, &trail, &again, &other) && same_error(&error, &other),
         "the trail changes the answer");
    hold(error.offset <= bytes.n, "an error lies behind the body");
    hold(code == WT_OK || code == WT_UNSUPPORTED || error.rule || code == WT_LIMIT, "an error without its rule");
    if (!was_read(code)) {
        hold(trail.n == 0, "the trail keeps what could not be read");
        return;
    }
    hold(trail_check(&trail, bytes.n) == NULL, "the trail has holes");
    walk(id, &plain);
    uint8_t *room = malloc(bytes.n ? bytes.n : 1);
    struct wt_writer w = wt_writer_start(room, bytes.n);
    hold(room && wt_extension_encode(&w, id, &context, where, &plain), "decoded, but no encoder");
    hold(wt_writer_done(&w, &written) == WT_OK && wt_span_equal(written, bytes), "written back otherwise");
    free(room);
}

static void block(enum wt_ext_where where, struct wt_span bytes)
{
    struct wt_trail trail = {events, 0, EVENTS, 0};
    struct wt_extensions plain, traced;
    struct wt_decode decode, second;
    struct wt_extension e;
    struct wt_error error;
    struct wt_span rest;
    struct wt_reader r = wt_reader_start(&decode, bytes, NULL);
    wt_extensions_read(&r, &context, where, 0, &plain);
    (void)wt_reader_close(&r, "extensions");
    r = wt_reader_start(&second, bytes, &trail);
    wt_extensions_read(&r, &context, where, 0, &traced);
    (void)wt_reader_close(&r, "extensions");
    hold(same_error(&decode.error, &second.error) && plain.block.p == traced.block.p &&
             plain.block.n == traced.block.n && plain.present == traced.present,
         "the trail changes a block");
    WALK(plain.block, wt_extensions_next(&rest, &e) || (decode.error.code == WT_TRUNCATED && (rest.n = 0)));
    enum wt_code code = wt_extensions_check(&plain, &context, where, plain.block, &error);
    hold(code == error.code && error.offset <= plain.block.n, "the check's error lies outside the block");
    if (decode.error.code != WT_OK && decode.error.code != WT_DUPLICATE)
        return;
    bytes.n = 2 + plain.block.n; /* what is told first hides bytes behind the block */
    hold(trail.lost || trail_check(&trail, bytes.n) == NULL, "a block's trail has holes");
    uint8_t *room = malloc(bytes.n);
    struct wt_writer w = wt_writer_start(room, bytes.n);
    wt_extensions_write(&w, &plain, 0);
    hold(room && wt_writer_done(&w, &rest) == WT_OK && wt_span_equal(rest, bytes), "a block written back otherwise");
    free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    enum wt_ext_where where = (enum wt_ext_where)(1 << (data[0] & 7));
    if (data[0] & 0x80)
        block(where, wt_span_of(data + 1, size - 1));
    else
        body(wt_get16(data + 1), where, wt_span_of(data + 3, size - 3));
    return 0;
}
