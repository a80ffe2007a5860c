#include "handshake/messages.h"

#include "base/memory.h"
#include "registry/limits.h"

#include <stdlib.h>

enum { HEADER = 4, DTLS_HEADER = 12, FIRST_MESSAGES = 16 };

/* --- one message -------------------------------------------------------------------------------------------------- */

static struct wt_span body_of(const struct wt_handshake_message *message)
{
    return message->bytes.n >= HEADER ? wt_span_cut(message->bytes, HEADER, message->bytes.n) : (struct wt_span){0};
}

/* RFC 8879, 4: "The Certificate message … is … compressed": what it inflates to counts no message of its own. */
static struct wt_handshake_message *inflate(const struct wt_handshake_message *outer)
{
    const struct wt_compressed_certificate *in = &outer->body.compressed_certificate;
    struct wt_handshake_message *inner;
    if (outer->code != WT_OK || in->uncompressed_length > WT_LIMIT_HANDSHAKE_MESSAGE ||
        !(inner = wt_calloc(1, sizeof *inner + in->uncompressed_length)))
        return NULL;
    uint8_t *room = (uint8_t *)(inner + 1);
    inner->bytes = wt_span_of(room, in->uncompressed_length);
    inner->type = WT_HANDSHAKE_CERTIFICATE;
    inner->context = outer->context;
    inner->code = wt_compressed_certificate_inflate(in, room, in->uncompressed_length);
    if (inner->code == WT_OK) {
        struct wt_error error;
        inner->code = wt_message_decode(&inner->context, inner->type, inner->bytes, NULL, &inner->body, &error);
    }
    if (inner->code == WT_OK)
        return inner;
    free(inner);
    return NULL;
}

static void decode(struct wt_handshake_message *message, const struct wt_codec_context *context, struct wt_error *error)
{
    message->context = *context;
    message->code = wt_message_decode(context, message->type, body_of(message), NULL, &message->body, error);
    free(message->inner);
    message->inner = message->type == WT_HANDSHAKE_COMPRESSED_CERTIFICATE ? inflate(message) : NULL;
}

/* `spare`: bytes of room before its own. */
static struct wt_handshake_message *hold(struct wt_pool *pool, const struct wt_codec_context *context, uint8_t type,
                                         struct wt_span body, bool headless, size_t spare)
{
    const uint8_t head[HEADER] = {type, (uint8_t)(body.n >> 16), (uint8_t)(body.n >> 8), (uint8_t)body.n};
    size_t before = headless ? 0 : HEADER;
    const size_t all = sizeof(struct wt_handshake_message) + spare + before + body.n;
    struct wt_handshake_message *message = all <= UINT32_MAX ? wt_pool_take(pool, all) : NULL;
    if (!message)
        return NULL;
    uint8_t *bytes = (uint8_t *)(message + 1) + spare;
    *message = (struct wt_handshake_message){.bytes = wt_span_of(bytes, before + body.n),
                                             .room = (uint32_t)all,
                                             .body.type = type,
                                             .context = *context,
                                             .type = type,
                                             .headless = headless};
    memcpy(bytes, head, before);
    if (body.n)
        memcpy(bytes + before, body.p, body.n);
    return message;
}

struct wt_handshake_message *wt_messages_hold(struct wt_pool *pool, const struct wt_codec_context *context,
                                              uint8_t type, struct wt_span body)
{
    return hold(pool, context, type, body, false, 0);
}

struct wt_handshake_message *wt_messages_read(struct wt_pool *pool, const struct wt_codec_context *context,
                                              uint8_t type, struct wt_span body, bool headless, struct wt_error *error)
{
    struct wt_handshake_message *message = hold(pool, context, type, body, headless, 0);
    struct wt_error none;
    if (message && !headless)
        decode(message, context, error ? error : &none);
    return message;
}

struct wt_handshake_message *wt_messages_read_numbered(struct wt_pool *pool, const struct wt_codec_context *context,
                                                       uint8_t type, struct wt_span body, uint16_t message_seq,
                                                       struct wt_error *error)
{
    struct wt_handshake_message *message = hold(pool, context, type, body, false, DTLS_HEADER - HEADER);
    struct wt_error none;
    if (!message)
        return NULL;
    message->numbered = true;
    message->message_seq = message_seq;
    decode(message, context, error ? error : &none);
    return message;
}

void wt_messages_drop(struct wt_pool *pool, struct wt_handshake_message *message)
{
    if (!message)
        return;
    free(message->inner);
    wt_pool_give(pool, message, message->room);
}

/* --- their order -------------------------------------------------------------------------------------------------- */

/* Of both lists, which are one block: spans, then pointers. */
static size_t lists_size(size_t cap)
{
    return cap * (sizeof(struct wt_span) + sizeof(struct wt_handshake_message *));
}

/* Both lists have room for `cap`. */
static bool room(struct wt_messages *m)
{
    const size_t cap = m->cap ? 2 * m->cap : FIRST_MESSAGES;
    if (m->count < m->cap)
        return true;
    struct wt_span *parts = wt_pool_take(m->pool, lists_size(cap));
    if (!parts)
        return false;
    struct wt_handshake_message **list = (struct wt_handshake_message **)(parts + cap);
    if (m->count) {
        memcpy(parts, m->parts, m->count * sizeof *parts);
        memcpy(list, m->list, m->count * sizeof(struct wt_handshake_message *));
    }
    wt_pool_give(m->pool, m->parts, lists_size(m->cap));
    m->parts = parts;
    m->list = list;
    m->cap = cap;
    return true;
}

static void hash_again(struct wt_messages *m)
{
    for (unsigned i = 0; i < 2; i++) {
        wt_hash_free(m->running[i]);
        m->running[i] = NULL;
    }
    m->hashed = 0;
}

/* RFC 6347, 4.2.2: msg_type, length, message_seq, fragment_offset, fragment_length: as if it had come in one piece. It
 * takes the place of TLS's header, whose bytes nobody reads once the message is decoded, and of the room before it. */
static struct wt_span with_dtls_header(struct wt_handshake_message *message)
{
    uint8_t *p = (uint8_t *)(message + 1);
    const size_t n = message->bytes.n - HEADER;
    const uint8_t header[DTLS_HEADER] = {message->type,
                                         (uint8_t)(n >> 16),
                                         (uint8_t)(n >> 8),
                                         (uint8_t)n,
                                         (uint8_t)(message->message_seq >> 8),
                                         (uint8_t)message->message_seq,
                                         0,
                                         0,
                                         0,
                                         (uint8_t)(n >> 16),
                                         (uint8_t)(n >> 8),
                                         (uint8_t)n};
    memcpy(p, header, sizeof header);
    return wt_span_of(p, sizeof header + n);
}

static struct wt_span counted(const struct wt_messages *m, struct wt_handshake_message *message)
{
    if (!message->numbered || message->bytes.n < HEADER || m->counted == WT_COUNTED_TLS)
        return message->bytes;
    return m->counted == WT_COUNTED_BODY ? body_of(message) : with_dtls_header(message);
}

void wt_messages_count_as(struct wt_messages *m, enum wt_counted as)
{
    if (m->counted == as || m->released)
        return;
    m->counted = (uint8_t)as;
    for (size_t i = 0; i < m->count; i++)
        m->parts[i] = counted(m, m->list[i]);
    hash_again(m);
}

bool wt_messages_add(struct wt_messages *m, struct wt_handshake_message *message, unsigned side, enum wt_place place)
{
    if (m->broken || m->bytes + message->bytes.n > WT_LIMIT_TRANSCRIPT || !room(m)) {
        m->broken = true;
        wt_messages_drop(m->pool, message);
        return false;
    }
    message->side = (uint8_t)side;
    message->place = (uint8_t)place;
    /* Places rarely differ from the order of arrival: the new one goes back over those that come after it. */
    size_t at = m->count++;
    for (; at > 0 && m->list[at - 1]->place > place; at--) {
        m->list[at] = m->list[at - 1];
        m->parts[at] = m->parts[at - 1];
    }
    m->list[at] = message;
    m->parts[at] = counted(m, message);
    m->bytes += message->bytes.n;
    if (at < m->hashed)
        hash_again(m);
    return true;
}

/* RFC 8446, 4.4.1: Transcript-Hash(ClientHello1, HelloRetryRequest, ... Mn) = Hash(message_hash || 00 00 Hash.length
 * || Hash(ClientHello1) || HelloRetryRequest || ... || Mn). */
bool wt_messages_retry(struct wt_messages *m, struct wt_crypto *crypto, enum wt_hash_id hash)
{
    static const struct wt_codec_context none;
    uint8_t digest[WT_DIGEST_MOST];
    if (m->broken || !m->count || m->released || m->list[0]->type != WT_HANDSHAKE_CLIENT_HELLO)
        return false;
    struct wt_handshake_message *first = m->list[0];
    size_t n = wt_digest(crypto, hash, first->bytes, digest);
    struct wt_handshake_message *with =
        n ? wt_messages_read(m->pool, &none, WT_HANDSHAKE_MESSAGE_HASH, wt_span_of(digest, n), false, NULL) : NULL;
    if (!with) {
        m->broken = true;
        return false;
    }
    with->frame = first->frame;
    with->place = first->place;
    with->side = first->side;
    with->judged = first->judged;
    m->bytes += with->bytes.n - first->bytes.n;
    m->list[0] = with;
    m->parts[0] = with->bytes;
    wt_messages_drop(m->pool, first);
    hash_again(m);
    return true;
}

static size_t find(const struct wt_messages *m, size_t below, unsigned side, uint8_t type)
{
    for (size_t i = below; i-- > 0;)
        if (m->list[i]->side == side && m->list[i]->type == type)
            return i;
    return SIZE_MAX;
}

size_t wt_messages_find(const struct wt_messages *m, unsigned side, uint8_t type)
{
    return find(m, m->count, side, type);
}

size_t wt_messages_find_in_handshake(const struct wt_messages *m, unsigned side, uint8_t type)
{
    size_t below = m->count;
    while (below && m->list[below - 1]->place >= WT_PLACE_LATER)
        below--;
    return find(m, below, side, type);
}

bool wt_messages_has(const struct wt_messages *m, unsigned side, uint8_t type)
{
    return find(m, m->count, side, type) != SIZE_MAX;
}

const struct wt_handshake_message *wt_messages_newest(const struct wt_messages *m, unsigned side, uint8_t type)
{
    size_t at = find(m, m->count, side, type);
    return at == SIZE_MAX ? NULL : m->list[at];
}

static bool is_same(const struct wt_codec_context *a, const struct wt_codec_context *b)
{
    return a->version == b->version && a->kx == b->kx && a->certificate_type == b->certificate_type &&
           a->from_server == b->from_server;
}

const struct wt_message_body *wt_messages_body(const struct wt_messages *m, size_t at,
                                               const struct wt_codec_context *context)
{
    struct wt_handshake_message *message = m->list[at];
    struct wt_error none;
    bool hello = message->type == WT_HANDSHAKE_CLIENT_HELLO || message->type == WT_HANDSHAKE_SERVER_HELLO;
    if (message->headless || !message->bytes.n)
        return NULL;
    if (!hello && !is_same(&message->context, context)) /* a hello says all that its form hangs on itself */
        decode(message, context, &none);
    return message->code == WT_OK ? &message->body : NULL;
}

/* --- hashes ------------------------------------------------------------------------------------------------------- */

/* The hash goes on over messages that came since, up to `count` of them. */
static bool run(struct wt_messages *m, struct wt_crypto *crypto, enum wt_hash_id hash, size_t count)
{
    const enum wt_hash_id ids[2] = {hash == WT_HASH_NONE ? WT_HASH_MD5 : hash, WT_HASH_SHA1};
    unsigned hashes = hash == WT_HASH_NONE ? 2 : 1;
    if (m->running[0] && m->running_id != hash) {
        if (m->released)
            return false;
        hash_again(m);
    }
    m->running_id = hash;
    for (unsigned i = 0; i < hashes; i++)
        if (!m->running[i] && !(m->running[i] = wt_hash_new(crypto, ids[i])))
            return false;
    for (; m->hashed < count; m->hashed++)
        for (unsigned i = 0; i < hashes; i++)
            wt_hash_add(m->running[i], m->parts[m->hashed]);
    return true;
}

static size_t both(struct wt_crypto *crypto, const struct wt_span *parts, size_t count, uint8_t out[WT_DIGEST_MOST])
{
    size_t n = wt_digest_parts(crypto, WT_HASH_MD5, parts, count, out);
    size_t more = n ? wt_digest_parts(crypto, WT_HASH_SHA1, parts, count, out + n) : 0;
    return more ? n + more : 0;
}

size_t wt_messages_hash(struct wt_messages *m, struct wt_crypto *crypto, enum wt_hash_id hash, size_t count,
                        uint8_t out[WT_DIGEST_MOST])
{
    if (count > m->count)
        count = m->count;
    m->covered = count;
    if (count < m->hashed) { /* a point that was passed: from the beginning */
        if (m->released)
            return 0;
        return hash == WT_HASH_NONE ? both(crypto, m->parts, count, out)
                                    : wt_digest_parts(crypto, hash, m->parts, count, out);
    }
    if (!run(m, crypto, hash, count))
        return 0;
    size_t n = wt_hash_peek(m->running[0], out);
    if (!n || hash != WT_HASH_NONE)
        return n;
    uint8_t second[WT_DIGEST_MOST];
    size_t more = wt_hash_peek(m->running[1], second);
    memcpy(out + n, second, more);
    return more ? n + more : 0;
}

bool wt_messages_join(struct wt_messages *m, size_t count, struct wt_buffer *out)
{
    out->n = 0;
    m->covered = count < m->count ? count : m->count;
    for (size_t i = 0; i < count && i < m->count; i++)
        if (i < m->released || (m->parts[i].n && !wt_buffer_add(out, m->parts[i].p, m->parts[i].n)))
            return false;
    return true;
}

void wt_messages_release(struct wt_messages *m)
{
    for (; m->released < m->hashed; m->released++) {
        struct wt_handshake_message **at = &m->list[m->released];
        struct wt_handshake_message *rest = wt_pool_take(m->pool, sizeof *rest), *whole = *at;
        if (!rest)
            return;
        *rest = *whole;
        m->bytes -= whole->bytes.n;
        rest->bytes = m->parts[m->released] = (struct wt_span){0};
        rest->body = (struct wt_message_body){.type = whole->type};
        rest->inner = NULL;
        rest->room = sizeof *rest;
        *at = rest;
        wt_messages_drop(m->pool, whole);
    }
}

void wt_messages_forget_later(struct wt_messages *m)
{
    while (m->count && m->list[m->count - 1]->place >= WT_PLACE_LATER) {
        m->bytes -= m->list[--m->count]->bytes.n;
        wt_messages_drop(m->pool, m->list[m->count]);
    }
    if (m->hashed > m->count)
        hash_again(m);
}

void wt_messages_clear(struct wt_messages *m)
{
    for (size_t i = 0; i < m->count; i++)
        wt_messages_drop(m->pool, m->list[i]);
    hash_again(m);
    wt_pool_give(m->pool, m->parts, lists_size(m->cap));
    *m = (struct wt_messages){.pool = m->pool};
}
