/* The array `messages` of the JSON contract. */
#include "report/json/message.h"

#include "codec/codec.h"
#include "registry/limits.h"
#include "registry/registry.h"
#include "report/json/cache.h"
#include "report/json/dtls.h"
#include "report/json/fields.h"
#include "report/json/handshake.h"
#include "report/json/json.h"
#include "report/json/memo.h"
#include "report/json/places.h"
#include "report/json/trail.h"
#include "story/words.h"

#include <stdio.h>
#include <stdlib.h>

/* Passed under keys that nobody gave: there is no body. */
static bool is_hidden(const struct wt_message *m)
{
    return (m->flags & WT_MESSAGE_ENCRYPTED) && !(m->flags & WT_MESSAGE_DECRYPTED);
}

/* A record of application data that was opened and held just that. */
static bool is_opened_data(const struct wt_message *m)
{
    return m->content_type == WT_CONTENT_APPLICATION_DATA && !m->inner_type && m->flags & WT_MESSAGE_DECRYPTED;
}

static void flag(struct wt_json *j, const struct wt_message *m, unsigned bit, const char *key)
{
    if (!(m->flags & bit))
        return;
    wt_json_key_word(j, key);
    wt_json_bool(j, true);
}

/* The type's name; a type without one is told by its number. The body's key is the same word. */
static const char *type(const struct wt_message *m, char room[32])
{
    const char *name = wt_message_type_name(m);
    if (name)
        return name;
    (void)snprintf(room, 32, "unknown_%u", m->type);
    return room;
}

static void error(struct wt_json *j, const struct wt_error *e)
{
    char sentence[512];
    wt_json_key(j, "error");
    wt_json_open(j, '{');
    wt_json_key(j, "code");
    wt_json_text(j, wt_code_name(e->code));
    if (e->field) {
        wt_json_key(j, "field");
        wt_json_text(j, e->field);
    }
    wt_json_key(j, "offset");
    wt_json_number(j, e->offset);
    wt_json_key(j, "value");
    wt_json_number(j, e->value);
    if (e->rule) {
        wt_json_key(j, "rule");
        wt_json_text(j, e->rule);
    }
    (void)wt_error_format(e, sentence, sizeof sentence);
    wt_json_key(j, "text");
    wt_json_text(j, sentence);
    wt_json_close(j, '}');
}

static void alert(struct wt_json *j, const struct wt_message *m)
{
    struct wt_alert_body body;
    struct wt_error e;
    /* A level without a description (a record that ends early) is in `error`. */
    if (wt_alert_decode(m->body, NULL, &body, &e) == WT_OK)
        wt_json_alert(j, body.level, body.description);
}

static void heartbeat(struct wt_json *j, const struct wt_message *m)
{
    struct wt_heartbeat body = {0};
    struct wt_error e;
    (void)wt_heartbeat_decode(m->body, NULL, &body, &e);
    if (m->body.n < 3)
        return;
    wt_json_key(j, "type");
    wt_json_name(j, WT_REG_HEARTBEAT_TYPE, body.type);
    wt_json_key(j, "payload_length");
    wt_json_number(j, body.payload_length);
    wt_json_bytes(j, "payload", body.payload);
    wt_json_key(j, "padding_length");
    wt_json_number(j, body.padding.n);
}

static void content_type(struct wt_json *j, uint8_t value, const char *key)
{
    wt_json_key_word(j, key);
    wt_json_name(j, WT_REG_CONTENT_TYPE, value);
}

static void place(struct wt_json *j, const struct wt_message *m)
{
    if (m->frame) {
        wt_json_key(j, "frame");
        wt_json_number(j, m->frame);
    }
    wt_json_key(j, "time");
    wt_json_time(j, m->time);
    if (m->flags & WT_MESSAGE_LEVEL)
        wt_json_member_word(j, "level", wt_words_level(m->level));
}

/* The members up to the key of its length. */
static void sender(struct wt_json *j, const struct wt_message *m)
{
    const struct wt_json_memo_key key = {.of = WT_JSON_MEMO_SENDER | (uint64_t)m->from << 8 |
                                               (uint64_t)m->content_type << 16 | (uint64_t)m->inner_type << 24};
    if (wt_json_memo_write(j, &key))
        return;
    const size_t start = wt_json_memo_begin(j);
    wt_json_key(j, "from");
    wt_json_word(j, wt_words_side(m->from));
    content_type(j, m->content_type, "content_type");
    if (m->inner_type) {
        content_type(j, m->content_type, "outer_type");
        content_type(j, m->inner_type, "inner_type");
    }
    wt_json_key(j, "length");
    wt_json_memo_end(j, &key, start);
}

/* How it was in records. SSL 2.0's have no version. */
static void record(struct wt_json *j, const struct wt_message *m)
{
    if (m->record_version) {
        wt_json_key(j, "record_version");
        wt_json_code(j, m->record_version, 2);
    }
    if (m->records > 1) {
        wt_json_key(j, "records");
        wt_json_number(j, m->records);
    }
    flag(j, m, WT_MESSAGE_ENCRYPTED, "encrypted");
    if (is_opened_data(m)) {
        wt_json_key(j, "plaintext_length");
        wt_json_number(j, m->plaintext_length);
    }
    flag(j, m, WT_MESSAGE_UNEXPECTED, "unexpected");
    flag(j, m, WT_MESSAGE_REPEATED, "repeated");
    flag(j, m, WT_MESSAGE_CUT, "cut");
}

static bool is_handshake(const struct wt_message *m)
{
    return m->content_type == WT_CONTENT_HANDSHAKE && m->flags & WT_MESSAGE_TYPED;
}

/* The members after its length, up to the key of its body when it is a handshake message that has one. */
static void record_and_type(struct wt_json *j, const struct wt_message *m)
{
    record(j, m);
    if (!is_handshake(m))
        return;
    char room[32];
    const char *name = type(m, room);
    wt_json_key(j, "type");
    wt_json_word(j, name);
    if (!is_hidden(m))
        wt_json_key_word(j, name);
}

/* Most are in one record, and have no number of their own in these. */
static void kind(struct wt_json *j, const struct wt_message *m)
{
    const struct wt_json_memo_key key = {.of = WT_JSON_MEMO_MESSAGE | (uint64_t)m->content_type << 8 |
                                               (uint64_t)m->inner_type << 16 | (uint64_t)m->type << 24 |
                                               (uint64_t)m->flags << 32 | (uint64_t)m->record_version << 48};
    const bool usual = m->records <= 1 && !is_opened_data(m);
    if (usual && wt_json_memo_write(j, &key))
        return;
    const size_t start = wt_json_memo_begin(j);
    record_and_type(j, m);
    if (usual)
        wt_json_memo_end(j, &key, start);
}

static void body(struct wt_json *j, struct wt_json_body *b, bool seen[256])
{
    const struct wt_message *m = b->message;
    /* A HelloRetryRequest is not the ServerHello whose fingerprint is taken. */
    b->first = !(m->flags & (WT_MESSAGE_RETRY | WT_MESSAGE_SSL2)) && !seen[m->type];
    seen[m->type] = seen[m->type] || b->first;
    wt_json_handshake(j, b);
}

static void message(struct wt_json *j, struct wt_json_body *b, bool seen[256])
{
    const struct wt_message *m = b->message;
    wt_json_open(j, '{');
    place(j, m);
    sender(j, m);
    wt_json_number(j, m->length);
    if (b->connection->dtls)
        wt_json_dtls_message(j, m);
    kind(j, m);
    /* RFC 6520's type is in the message itself; TYPED says that the observer read it. */
    if (m->content_type == WT_CONTENT_HEARTBEAT && !is_hidden(m))
        heartbeat(j, m);
    if (m->content_type == WT_CONTENT_ALERT && !is_hidden(m))
        alert(j, m);
    if (is_handshake(m) && !is_hidden(m))
        body(j, b, seen);
    if (m->flags & WT_MESSAGE_MALFORMED)
        error(j, &m->error);
    if (b->fields && !is_hidden(m))
        wt_json_fields(j, m);
    if (b->places)
        wt_json_pieces(j, m);
    wt_json_close(j, '}');
}

static void raw_fingerprints(struct wt_json *j, const struct wt_connection *c)
{
    wt_json_member_plain(j, "ja3_string", c->ja3_string);
    wt_json_member_plain(j, "ja3s_string", c->ja3s_string);
    wt_json_member_plain(j, "ja4_string", c->ja4_string);
}

/* The messages of the unbroken account, where nothing is missing between two of a side; or those found behind a gap. */
static void message_list(struct wt_json *j, struct wt_json_body *b, bool seen[256], unsigned flag)
{
    const struct wt_connection *c = b->connection;
    wt_json_open(j, '[');
    for (size_t i = 0; i < c->message_count; i++) {
        if ((c->messages[i].flags & WT_MESSAGE_AFTER_GAP) != flag)
            continue;
        b->message = &c->messages[i];
        message(j, b, seen);
    }
    wt_json_close(j, ']');
}

static bool any_after_gap(const struct wt_connection *c)
{
    for (size_t i = 0; i < c->message_count; i++)
        if (c->messages[i].flags & WT_MESSAGE_AFTER_GAP)
            return true;
    return false;
}

void wt_json_messages(struct wt_json *j, const struct wt_connection *c, const struct wt_json_parts *parts)
{
    struct wt_json_body b = {.connection = c,
                             .places = parts->places,
                             .fields = parts->fields,
                             .patterns = parts->cache ? wt_json_cache_patterns(parts->cache) : NULL};
    bool seen[256] = {false};
    raw_fingerprints(j, c);
    wt_json_key(j, "messages");
    message_list(j, &b, seen, 0);
    if (any_after_gap(c)) {
        wt_json_key(j, "messages_after_gap");
        message_list(j, &b, seen, WT_MESSAGE_AFTER_GAP);
    }
    if (c->messages_dropped) {
        wt_json_key(j, "messages_dropped");
        wt_json_number(j, c->messages_dropped);
    }
    free(b.trail.events);
}
