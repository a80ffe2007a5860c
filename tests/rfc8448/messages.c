/* Messages: decoded, judged, written back. */
#include "run.h"

#include "codec/codec.h"
#include "codec/ext/ext.h"

static struct wt_codec_context context_of(const struct run *r, unsigned side)
{
    return (struct wt_codec_context){
        .version = r->shares[WT_SERVER][X25519] || r->shares[WT_SERVER][P256] ? WT_TLS13 : 0,
        .kx = WT_KX_TLS13,
        .from_server = side == WT_SERVER,
    };
}

/* "EndOfEarlyData" is end_of_early_data. */
static void expect_name(uint8_t type, const char *name)
{
    char snake[2 * TRACE_NAME] = "";
    size_t n = 0;
    for (const char *c = name; *c; c++) {
        if (*c >= 'A' && *c <= 'Z' && c != name)
            snake[n++] = '_';
        snake[n++] = *c >= 'A' && *c <= 'Z' ? (char)(*c + 'a' - 'A') : *c;
    }
    assert_string_equal(wt_registry_name(WT_REG_HANDSHAKE_TYPE, type), snake);
}

/* Every extension's body back to its bytes. */
static void check_extensions(const struct wt_codec_context *c, enum wt_ext_where where, const struct wt_extensions *all)
{
    struct wt_error error;
    struct wt_extension one;
    assert_int_equal(wt_extensions_check(all, c, where, all->block, &error), WT_OK);
    for (struct wt_span rest = all->block; wt_extensions_next(&rest, &one);) {
        uint8_t room[ROOM];
        union wt_ext_body body;
        struct wt_span back;
        struct wt_writer w = wt_writer_start(room, sizeof room);
        assert_int_equal(wt_extension_decode(one.id, c, where, one.body, NULL, &body, &error), WT_OK);
        assert_true(wt_extension_encode(&w, one.id, c, where, &body));
        assert_int_equal(wt_writer_done(&w, &back), WT_OK);
        assert_true(wt_span_equal(back, one.body));
    }
}

static void take_certificate(struct run *r, unsigned side, const struct wt_certificate *certificate)
{
    struct wt_certificate_entry entry;
    struct wt_span rest = certificate->list;
    assert_true(wt_certificate_next(certificate, &rest, &entry));
    assert_null(r->certified[side]);
    assert_non_null(r->certified[side] = wt_public_key_of_certificate(r->crypto, entry.data));
}

/* RFC 8446, 4.4.3: over all messages before it, by the key of the side's certificate; one bit off and it is not. */
static void check_signature(struct run *r, unsigned side, const struct wt_certificate_verify *cv)
{
    uint8_t hash[WT_DIGEST_MOST], room[WT_SIGNED13_MOST], other[ROOM];
    struct wt_span content = {room, wt_signed13(side, run_transcript_hash(r, hash), room)};
    assert_int_equal(content.n, 64 + 34 + 32);
    assert_int_equal(
        wt_signature_verify(r->crypto, r->certified[side], cv->signature_scheme, true, &content, 1, cv->signature),
        WT_HOLDS);
    memcpy(other, cv->signature.p, cv->signature.n);
    other[cv->signature.n - 1] ^= 1;
    assert_int_equal(wt_signature_verify(r->crypto, r->certified[side], cv->signature_scheme, true, &content, 1,
                                         wt_span_of(other, cv->signature.n)),
                     WT_FAILS);
    room[content.n - 1] ^= 1;
    assert_int_equal(
        wt_signature_verify(r->crypto, r->certified[side], cv->signature_scheme, true, &content, 1, cv->signature),
        WT_FAILS);
    r->signatures++;
}

static void check_server_hello(struct run *r, const struct wt_codec_context *c, const struct wt_server_hello *hello)
{
    bool retry = wt_server_hello_is_retry(hello);
    check_extensions(c, retry ? WT_IN_HRR : WT_IN_SH, &hello->extensions);
    assert_int_equal(hello->cipher_suite, r->suite->id);
    if (retry) {
        assert_true(wt_messages_retry(&r->transcript, r->crypto, WT_HASH_SHA256));
        r->retried = true;
    }
}

static void check_body(struct run *r, unsigned side, const struct wt_codec_context *c,
                       const struct wt_message_body *body)
{
    switch (body->type) {
    case WT_HANDSHAKE_CLIENT_HELLO:
        check_extensions(c, WT_IN_CH, &body->client_hello.extensions);
        break;
    case WT_HANDSHAKE_SERVER_HELLO:
        check_server_hello(r, c, &body->server_hello);
        break;
    case WT_HANDSHAKE_ENCRYPTED_EXTENSIONS:
        check_extensions(c, WT_IN_EE, &body->encrypted_extensions.extensions);
        break;
    case WT_HANDSHAKE_CERTIFICATE_REQUEST:
        check_extensions(c, WT_IN_CR, &body->certificate_request.extensions);
        break;
    case WT_HANDSHAKE_CERTIFICATE:
        take_certificate(r, side, &body->certificate);
        break;
    case WT_HANDSHAKE_CERTIFICATE_VERIFY:
        check_signature(r, side, &body->certificate_verify);
        break;
    case WT_HANDSHAKE_FINISHED:
        assert_true(r->proved[side]);
        assert_true(wt_span_equal(body->finished.verify_data, wt_span_of(r->verify_data[side], 32)));
        r->finished++;
        break;
    case WT_HANDSHAKE_NEW_SESSION_TICKET: {
        uint8_t psk[WT_DIGEST_MOST];
        check_extensions(c, WT_IN_NST, &body->new_session_ticket.extensions);
        assert_true(wt_ticket_psk(&r->schedule, r->secrets[WT_BRANCH_RESUMPTION], body->new_session_ticket.nonce, psk));
        assert_memory_equal(psk, r->ticket, 32);
        break;
    }
    default:
        assert_int_equal(body->type, WT_HANDSHAKE_END_OF_EARLY_DATA);
    }
}

/* A whole message: decoded, judged, written back, into the transcript and towards the next record. */
static void take_message(struct run *r, unsigned side, struct wt_span message, const char *name)
{
    uint8_t room[ROOM];
    struct wt_error error;
    struct wt_message_body body;
    struct wt_span text = wt_span_cut(message, 4, SIZE_MAX), back;
    struct wt_codec_context c = context_of(r, side);
    struct wt_writer w = wt_writer_start(room, sizeof room);
    expect_name(message.p[0], name);
    assert_int_equal(wt_get24(message.p + 1), text.n);
    assert_int_equal(wt_message_decode(&c, message.p[0], text, NULL, &body, &error), WT_OK);
    check_body(r, side, &c, &body);
    wt_write_u8(&w, body.type);
    size_t mark = wt_write_open(&w, 3);
    wt_message_encode(&w, &c, &body);
    wt_write_close(&w, mark, 3, 0, 0xffffff, "length");
    assert_int_equal(wt_writer_done(&w, &back), WT_OK);
    assert_true(wt_span_equal(back, message));
    if (body.type != WT_HANDSHAKE_NEW_SESSION_TICKET)
        assert_true(
            wt_messages_add(&r->transcript, wt_messages_read(NULL, &c, body.type, text, false, NULL), side, WT_PLACE_HELLO));
    assert_true(wt_buffer_add(&r->pending[side], back.p, back.n));
    r->messages++;
}

void run_message(struct run *r, struct trace_step *step)
{
    struct wt_span bytes = run_input(r, step, "bytes");
    assert_true(bytes.n >= 4);
    if (wt_get24(bytes.p + 1) + 4 == bytes.n)
        take_message(r, step->side, bytes, step->of);
    else /* its binders are still to come */
        assert_true(!r->partial.n && wt_buffer_add(&r->partial, bytes.p, bytes.n));
}

/* RFC 8446, 4.2.11.2: the binder stands over the ClientHello up to the binders' list. */
void run_binder(struct run *r, struct trace_step *step)
{
    uint8_t hash[WT_DIGEST_MOST], key[WT_DIGEST_MOST], proof[WT_DIGEST_MOST];
    struct wt_span prefix = wt_buffer_span(&r->partial), psk_body = {0}, one = {0};
    run_expect(r, step, "prefix", prefix.p, prefix.n);
    assert_int_equal(wt_digest(r->crypto, WT_HASH_SHA256, prefix, hash), 32);
    run_expect(r, step, "binder_hash", hash, 32);
    assert_true(wt_branch_secret(&r->schedule, WT_BRANCH_RESUMPTION_BINDER, r->trunk[EARLY], (struct wt_span){0}, key));
    run_expect_proof(r, step, wt_span_of(key, 32), wt_span_of(hash, 32), proof);
    assert_true(wt_buffer_add(&r->partial, "\0\x21\x20", 3) && wt_buffer_add(&r->partial, proof, 32));
    take_message(r, step->side, wt_buffer_span(&r->partial), "ClientHello");

    struct wt_message_body body;
    struct wt_error error;
    union wt_ext_body ext;
    const struct wt_codec_context c = {0};
    struct wt_span text = wt_span_cut(wt_buffer_span(&r->partial), 4, SIZE_MAX);
    assert_int_equal(wt_message_decode(&c, WT_HANDSHAKE_CLIENT_HELLO, text, NULL, &body, &error), WT_OK);
    assert_true(wt_extensions_find(&body.client_hello.extensions, WT_EXT_PRE_SHARED_KEY, &psk_body));
    assert_int_equal(wt_extension_decode(WT_EXT_PRE_SHARED_KEY, &c, WT_IN_CH, psk_body, NULL, &ext, &error), WT_OK);
    assert_true(wt_ext_opaque_next(&ext.pre_shared_key.binders, 1, &one));
    assert_true(wt_span_equal(one, wt_span_of(proof, 32)));
    r->binders++;
}
