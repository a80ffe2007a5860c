#include "handshake/handshake.h"

void wt_handshake_start(struct wt_handshake *h, struct wt_crypto *crypto, bool first)
{
    h->crypto = crypto;
    h->messages = (struct wt_messages){0};
    wt_agreed_start(&h->agreed, first);
}

void wt_handshake_end(struct wt_handshake *h)
{
    wt_messages_clear(&h->messages);
    wt_wipe(&h->agreed, sizeof h->agreed);
}

struct wt_codec_context wt_handshake_context(const struct wt_handshake *h, unsigned side)
{
    const struct wt_chosen *c = &h->agreed.chosen;
    /* who offers TLCP, which has one version, speaks it: before the ServerHello, and where that was not seen */
    const uint16_t version = !c->seen && h->agreed.offered.legacy_version == WT_TLCP ? WT_TLCP : c->version;
    return (struct wt_codec_context){
        version, c->kx, side == WT_SERVER ? c->server_certificate_type : c->client_certificate_type, side == WT_SERVER};
}

bool wt_handshake_covers(bool tls13, uint8_t type)
{
    if (type == WT_HANDSHAKE_HELLO_REQUEST || type == WT_HANDSHAKE_HELLO_VERIFY_REQUEST)
        return false;
    return !tls13 || (type != WT_HANDSHAKE_NEW_SESSION_TICKET && type != WT_HANDSHAKE_KEY_UPDATE);
}

enum wt_hash_id wt_handshake_hash(const struct wt_handshake *h)
{
    const struct wt_chosen *c = &h->agreed.chosen;
    uint16_t id = c->has_suite ? c->suite : h->agreed.retry.suite;
    const struct wt_suite *suite = c->has_suite || h->agreed.retry.has_suite ? wt_suite_find(id) : NULL;
    return suite ? (enum wt_hash_id)suite->prf : WT_HASH_NONE;
}

/* A message after both sides' Finished of TLS 1.3 is none of the handshake's own. */
static enum wt_place next_place(const struct wt_handshake *h)
{
    const struct wt_messages *m = &h->messages;
    bool later = h->agreed.chosen.tls13 && wt_messages_has(m, WT_CLIENT, WT_HANDSHAKE_FINISHED) &&
                 wt_messages_has(m, WT_SERVER, WT_HANDSHAKE_FINISHED);
    return later ? WT_PLACE_LATER : WT_PLACE_HELLO;
}

struct wt_handshake_message *wt_handshake_read(struct wt_handshake *h, unsigned side, uint8_t type, struct wt_span body,
                                               struct wt_error *error)
{
    const struct wt_codec_context context = wt_handshake_context(h, side);
    return wt_messages_read(h->messages.pool, &context, type, body, false, error);
}

enum wt_code wt_handshake_take(struct wt_handshake *h, unsigned side, struct wt_handshake_message *message)
{
    const uint8_t type = message->type;
    const enum wt_code code = message->code;
    const struct wt_message_body *body = &message->body;
    const bool covered = wt_handshake_covers(h->agreed.chosen.tls13, type);
    wt_agreed_message(&h->agreed, side, body, code == WT_OK);
    bool retry = type == WT_HANDSHAKE_SERVER_HELLO && wt_server_hello_is_retry(&body->server_hello);
    if (!covered) {
        wt_messages_drop(h->messages.pool, message);
        return code;
    }
    if (!wt_messages_add(&h->messages, message, side, next_place(h)) ||
        (retry && !wt_messages_retry(&h->messages, h->crypto, wt_handshake_hash(h))))
        return WT_MEMORY;
    return code;
}

enum wt_code wt_handshake_add(struct wt_handshake *h, unsigned side, uint8_t type, struct wt_span body,
                              struct wt_message_body *out, struct wt_error *error)
{
    struct wt_message_body here;
    if (!out)
        out = &here;
    if (!wt_handshake_covers(h->agreed.chosen.tls13, type)) {
        const struct wt_codec_context context = wt_handshake_context(h, side);
        enum wt_code code = wt_message_decode(&context, type, body, NULL, out, error);
        out->type = type;
        wt_agreed_message(&h->agreed, side, out, code == WT_OK);
        return code;
    }
    struct wt_handshake_message *message = wt_handshake_read(h, side, type, body, error);
    if (!message)
        return WT_MEMORY;
    *out = message->body;
    return wt_handshake_take(h, side, message);
}

enum wt_code wt_handshake_write(struct wt_handshake *h, unsigned side, const struct wt_message_body *message,
                                struct wt_writer *out)
{
    const struct wt_codec_context context = wt_handshake_context(h, side);
    size_t before = out->n;
    struct wt_span all;
    struct wt_error error;
    wt_write_u8(out, message->type);
    size_t length = wt_write_open(out, 3);
    wt_message_encode(out, &context, message);
    wt_write_close(out, length, 3, 0, WT_LIMIT_HANDSHAKE_MESSAGE, "length");
    enum wt_code code = wt_writer_done(out, &all);
    return code == WT_OK ? wt_handshake_add(h, side, message->type, wt_span_cut(all, before + 4, all.n), NULL, &error)
                         : code;
}
