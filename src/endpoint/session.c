#include "endpoint/session.h"

#include "base/reader.h"
#include "registry/registry.h"

enum { FORM = 2, VERIFIED = 1, HAS_PEER = 2, OF_PSK = 4, PEER = 32 };

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
    wt_write_u8(w, (uint8_t)((s->verified ? VERIFIED : 0) | (s->has_peer ? HAS_PEER : 0) | (s->of_psk ? OF_PSK : 0)));
    wt_write_bytes(w, wt_span_of(s->peer, PEER));
    wt_write_opaque(w, wt_span_of(s->secret, s->secret_length), 1, 0, WT_DIGEST_MOST, "secret");
    wt_write_opaque(w, wt_span_of(s->id, s->id_length), 1, 0, sizeof s->id, "session_id");
    wt_write_opaque(w, s->host, 1, 0, WT_LIMIT_HOST, "host");
    wt_write_u16(w, s->port);
    wt_write_opaque(w, s->alpn, 1, 0, 255, "alpn");
    wt_write_opaque(w, s->ticket, 2, 0, WT_LIMIT_TICKET, "ticket");
    return w->error.code == WT_OK;
}

size_t wt_session_size(const struct wt_session *s)
{
    enum { FIXED = 1 + 2 + 2 + 4 * 8 + 4 + 4 + 1 + PEER + 2, LENGTHS = 1 + 1 + 1 + 1 + 2 };
    return FIXED + LENGTHS + s->secret_length + s->id_length + s->host.n + s->alpn.n + s->ticket.n;
}

static void take(struct wt_reader *r, const char *field, size_t most, uint8_t *room, uint8_t *length)
{
    const struct wt_span bytes = wt_read_opaque(r, field, 1, 0, most, WT_TRAIL_BYTES);
    *length = (uint8_t)bytes.n;
    if (bytes.n)
        memcpy(room, bytes.p, bytes.n);
}

/* What does not go together was not written by us: the field that does not fit those before it, and where that is. */
static struct wt_error find_wrong(const struct wt_session *s)
{
    enum { MASTER = 48 }; /* RFC 5246, 8.1 */
    enum { AT_SUITE = 1 + 2, AT_SECRET = AT_SUITE + 2 + 4 * 8 + 4 + 4 + 1 + PEER };
    const struct wt_suite *suite = wt_suite_find(s->suite);
    const struct wt_hash_info *hash = suite ? wt_hash_info_of((enum wt_hash_id)suite->prf) : NULL;
    const bool tls13 = s->version == WT_TLS13;
    if (!hash || tls13 != (suite->kx == WT_KX_TLS13))
        return (struct wt_error){.code = WT_VALUE, .field = "cipher_suite", .offset = AT_SUITE, .value = s->suite};
    if (s->secret_length != (tls13 ? hash->length : MASTER))
        return (struct wt_error){.code = WT_LENGTH, .field = "secret", .offset = AT_SECRET, .value = s->secret_length};
    return (struct wt_error){0};
}

bool wt_session_read(struct wt_span bytes, struct wt_session *out)
{
    return wt_session_read_at(bytes, out, NULL);
}

bool wt_session_read_at(struct wt_span bytes, struct wt_session *out, struct wt_error *error)
{
    struct wt_decode decode;
    struct wt_error here;
    struct wt_reader r = wt_reader_start(&decode, bytes, NULL);
    const uint8_t form = wt_read_u8(&r, "form");
    if (!error)
        error = &here;
    *out = (struct wt_session){0};
    if (bytes.n && form != FORM) {
        *error = (struct wt_error){.code = WT_UNSUPPORTED, .field = "form", .value = form, .bound = FORM};
        return false;
    }
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
    out->of_psk = flags & OF_PSK;
    const struct wt_span peer = wt_read_bytes(&r, "peer", PEER);
    if (peer.n == PEER)
        memcpy(out->peer, peer.p, PEER);
    take(&r, "secret", sizeof out->secret, out->secret, &out->secret_length);
    take(&r, "session_id", sizeof out->id, out->id, &out->id_length);
    out->host = wt_read_opaque(&r, "host", 1, 0, WT_LIMIT_HOST, WT_TRAIL_BYTES);
    out->port = wt_read_u16(&r, "port");
    out->alpn = wt_read_opaque(&r, "alpn", 1, 0, 255, WT_TRAIL_BYTES);
    out->ticket = wt_read_opaque(&r, "ticket", 2, 0, WT_LIMIT_TICKET, WT_TRAIL_BYTES);
    *error = wt_reader_close(&r, "session") ? find_wrong(out) : decode.error;
    return error->code == WT_OK;
}

/* --- as a program keeps it ---------------------------------------------------------------------------------------- */

enum { MARK = sizeof WT_SESSION_MARK - 1, DIGEST = 32 };

bool wt_session_wrap(struct wt_crypto *crypto, struct wt_span written, uint8_t *out)
{
    uint8_t digest[WT_DIGEST_MOST];
    memcpy(out, WT_SESSION_MARK, MARK);
    memcpy(out + MARK, written.p, written.n);
    if (wt_digest(crypto, WT_HASH_SHA256, wt_span_of(out, MARK + written.n), digest) != DIGEST)
        return false;
    memcpy(out + MARK + written.n, digest, DIGEST);
    return true;
}

bool wt_session_unwrap(struct wt_crypto *crypto, struct wt_span bytes, struct wt_session *out, struct wt_error *error)
{
    uint8_t digest[WT_DIGEST_MOST];
    const size_t end = bytes.n > MARK + DIGEST ? bytes.n - DIGEST : bytes.n;
    const struct wt_span inside = wt_span_cut(bytes, MARK, end > MARK ? end - MARK : 0);
    *out = (struct wt_session){0};
    *error = (struct wt_error){.code = WT_FORMAT, .field = "mark"};
    if (!wt_span_equal(wt_span_cut(bytes, 0, MARK), wt_span_text(WT_SESSION_MARK)))
        return false;
    if (!wt_session_read_at(inside, out, error)) {
        error->offset += MARK;
        return false;
    }
    *error = (struct wt_error){.code = WT_MEMORY};
    if (wt_digest(crypto, WT_HASH_SHA256, wt_span_cut(bytes, 0, end), digest) != DIGEST)
        return false;
    *error = (struct wt_error){.code = WT_OK};
    if (!wt_span_equal(wt_span_of(digest, DIGEST), wt_span_cut(bytes, end, DIGEST)))
        *error = (struct wt_error){.code = WT_MISMATCH, .field = "digest", .offset = end};
    return error->code == WT_OK;
}

/* --- its time ----------------------------------------------------------------------------------------------------- */

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
