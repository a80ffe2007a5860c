#include "endpoint/session.h"

#include "base/reader.h"
#include "registry/registry.h"

enum { FORM = 1, VERIFIED = 1, HAS_PEER = 2, PEER = 32 };

static void write_time(struct wt_writer *w, int64_t ms)
{
    wt_write_number(w, (uint64_t)ms, 8);
}

bool wt_session_write(const struct wt_session *s, struct wt_writer *w)
{
    wt_write_u8(w, FORM);
    wt_write_u16(w, s->version);
    wt_write_u16(w, s->suite);
    write_time(w, s->made);
    write_time(w, s->authenticated);
    write_time(w, s->expires);
    write_time(w, s->peer_until);
    wt_write_u32(w, s->age_add);
    wt_write_u32(w, s->early);
    wt_write_u8(w, (uint8_t)((s->verified ? VERIFIED : 0) | (s->has_peer ? HAS_PEER : 0)));
    wt_write_bytes(w, wt_span_of(s->peer, PEER));
    wt_write_opaque(w, wt_span_of(s->secret, s->secret_length), 1, 0, WT_DIGEST_MOST, "secret");
    wt_write_opaque(w, wt_span_of(s->id, s->id_length), 1, 0, sizeof s->id, "session_id");
    wt_write_opaque(w, s->host, 1, 0, WT_LIMIT_HOST, "host");
    wt_write_opaque(w, s->alpn, 1, 0, 255, "alpn");
    wt_write_opaque(w, s->ticket, 2, 0, WT_LIMIT_TICKET, "ticket");
    return w->error.code == WT_OK;
}

size_t wt_session_size(const struct wt_session *s)
{
    enum { FIXED = 1 + 2 + 2 + 4 * 8 + 4 + 4 + 1 + PEER, LENGTHS = 1 + 1 + 1 + 1 + 2 };
    return FIXED + LENGTHS + s->secret_length + s->id_length + s->host.n + s->alpn.n + s->ticket.n;
}

static void take(struct wt_reader *r, const char *field, size_t most, uint8_t *room, uint8_t *length)
{
    const struct wt_span bytes = wt_read_opaque(r, field, 1, 0, most, WT_TRAIL_BYTES);
    *length = (uint8_t)bytes.n;
    if (bytes.n)
        memcpy(room, bytes.p, bytes.n);
}

/* What does not go together was not written by us. */
static bool is_whole(const struct wt_session *s)
{
    enum { MASTER = 48 }; /* RFC 5246, 8.1 */
    const struct wt_suite *suite = wt_suite_find(s->suite);
    const struct wt_hash_info *hash = suite ? wt_hash_info_of((enum wt_hash_id)suite->prf) : NULL;
    const bool tls13 = s->version == WT_TLS13;
    return hash && tls13 == (suite->kx == WT_KX_TLS13) && s->secret_length == (tls13 ? hash->length : MASTER);
}

bool wt_session_read(struct wt_span bytes, struct wt_session *out)
{
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, bytes, NULL);
    const uint8_t form = wt_read_u8(&r, "form");
    *out = (struct wt_session){0};
    out->version = wt_read_u16(&r, "version");
    out->suite = wt_read_u16(&r, "cipher_suite");
    out->made = (int64_t)wt_read_u64(&r, "made");
    out->authenticated = (int64_t)wt_read_u64(&r, "authenticated");
    out->expires = (int64_t)wt_read_u64(&r, "expires");
    out->peer_until = (int64_t)wt_read_u64(&r, "peer_until");
    out->age_add = wt_read_u32(&r, "ticket_age_add");
    out->early = wt_read_u32(&r, "max_early_data_size");
    const uint8_t flags = wt_read_u8(&r, "flags");
    out->verified = flags & VERIFIED;
    out->has_peer = flags & HAS_PEER;
    const struct wt_span peer = wt_read_bytes(&r, "peer", PEER);
    if (peer.n == PEER)
        memcpy(out->peer, peer.p, PEER);
    take(&r, "secret", sizeof out->secret, out->secret, &out->secret_length);
    take(&r, "session_id", sizeof out->id, out->id, &out->id_length);
    out->host = wt_read_opaque(&r, "host", 1, 0, WT_LIMIT_HOST, WT_TRAIL_BYTES);
    out->alpn = wt_read_opaque(&r, "alpn", 1, 0, 255, WT_TRAIL_BYTES);
    out->ticket = wt_read_opaque(&r, "ticket", 2, 0, WT_LIMIT_TICKET, WT_TRAIL_BYTES);
    return wt_reader_close(&r, "session") && form == FORM && is_whole(out);
}

/* One from the future is of a clock that was wrong; servers that share tickets have clocks of their own. */
bool wt_session_is_current(const struct wt_session *s, int64_t now_ms)
{
    return now_ms >= s->made - WT_LIMIT_EARLY_WINDOW_MS && now_ms < s->expires;
}

/* RFC 8446, 4.6.1: "Clients MUST NOT cache tickets for longer than 7 days, regardless of the ticket_lifetime". A chain
 * of resumptions ends as well: what they all rest on is the certificate of its first handshake. */
int64_t wt_session_end(const struct wt_session *s, uint32_t lifetime)
{
    const int64_t most = (int64_t)WT_LIMIT_TICKET_SECONDS * 1000, ms = (int64_t)lifetime * 1000;
    int64_t end = s->made + (ms < most ? ms : most);
    if (end > s->authenticated + most)
        end = s->authenticated + most;
    return s->peer_until && end > s->peer_until ? s->peer_until : end;
}
