/* TLS 1.3: RFC 8446, 2 and 7.1. */
#include "peers.h"

#include "codec/ext/ext.h"

static const uint8_t client_labels[2][2] = {{WT_LABEL_CLIENT_HANDSHAKE, WT_LABEL_SERVER_HANDSHAKE},
                                            {WT_LABEL_CLIENT_TRAFFIC, WT_LABEL_SERVER_TRAFFIC}};
static const uint8_t client_branches[2][2] = {{WT_BRANCH_CLIENT_HANDSHAKE, WT_BRANCH_SERVER_HANDSHAKE},
                                              {WT_BRANCH_CLIENT_TRAFFIC, WT_BRANCH_SERVER_TRAFFIC}};

static struct wt_span hash_now(struct peers *p, uint8_t out[WT_DIGEST_MOST])
{
    size_t n = wt_digest(p->crypto, p->schedule.hash, wt_buffer_span(&p->messages), out);
    assert_int_equal(n, p->schedule.length);
    return wt_span_of(out, n);
}

static struct wt_span secret_of(const struct peers *p, const uint8_t *secret)
{
    return wt_span_of(secret, p->schedule.length);
}

/* What `from` seals goes under this traffic secret from here on. */
static void seal_with(struct peers *p, enum wt_side from, const uint8_t *secret)
{
    const struct wt_cipher *cipher = wt_cipher_of((enum wt_cipher_id)p->suite->cipher);
    uint8_t key[64], iv[12];
    assert_true(wt_traffic_key(&p->schedule, secret_of(p, secret), cipher->key, key, iv));
    struct wt_protection how = {
        .suite = p->suite, .version = WT_TLS13, .key = wt_span_of(key, cipher->key), .iv = wt_span_of(iv, 12)};
    memmove(p->traffic[from], secret, p->schedule.length);
    wt_record_protector_free(p->seal[from]);
    p->seal[from] = peers_protector(p, &how);
}

static void branch(struct peers *p, enum wt_branch which, enum wt_label label, uint8_t out[WT_DIGEST_MOST])
{
    uint8_t digest[WT_DIGEST_MOST];
    assert_true(wt_branch_secret(&p->schedule, which, p->trunk, hash_now(p, digest), out));
    if (label < WT_LABEL_COUNT)
        peers_note(p, label, wt_span_of(p->random[WT_CLIENT], 32), secret_of(p, out));
}

/* --- hellos ------------------------------------------------------------------------------------------------------- */

static void put_psk(struct peers *p, struct wt_writer *w)
{
    uint8_t body[512] = {0};
    struct wt_writer e = wt_writer_start(body, sizeof body);
    size_t list = wt_write_open(&e, 2);
    wt_write_opaque(&e, wt_span_text(p->plan.identity), 2, 1, 300, "identity");
    wt_write_u32(&e, p->plan.from_ticket ? 0x01020304 : 0);
    wt_write_close(&e, list, 2, 7, 500, "identities");
    list = wt_write_open(&e, 2);
    uint8_t none[WT_DIGEST_MOST] = {0};
    wt_write_opaque(&e, wt_span_of(none, p->schedule.length), 1, 32, 255, "binder");
    wt_write_close(&e, list, 2, 33, 500, "binders");
    peers_extension(w, WT_EXT_PRE_SHARED_KEY, body, e.n);
}

static void put_client_extensions(struct peers *p, struct wt_writer *w, bool second)
{
    const struct plan *plan = &p->plan;
    uint8_t share[38] = {0, 36, 0, 0x1d, 0, 32};
    memset(share + 6, 0xc5, 32);
    peers_extension(w, WT_EXT_SUPPORTED_VERSIONS, "\2\3\4", 3);
    peers_extension(w, WT_EXT_SUPPORTED_GROUPS, "\0\2\0\35", 4);
    peers_extension(w, WT_EXT_SIGNATURE_ALGORITHMS, "\0\4\4\3\10\4", 6);
    peers_extension(w, WT_EXT_ALPN, "\0\3\2h1", 5);
    peers_extension(w, WT_EXT_POST_HANDSHAKE_AUTH, NULL, 0);
    peers_extension(w, WT_EXT_KEY_SHARE, share, plan->retry && !second ? 2 : sizeof share);
    if (plan->retry && !second)
        w->p[w->n - 1] = 0; /* no share yet */
    if (plan->early && !second)
        peers_extension(w, WT_EXT_EARLY_DATA, NULL, 0);
    if (!plan->identity)
        return;
    peers_extension(w, WT_EXT_PSK_KEY_EXCHANGE_MODES, "\2\0\1", 3);
    put_psk(p, w);
}

/* RFC 8446, 4.2.11.2: over what was said before, and the hello without its list of binders. */
static void bind(struct peers *p, uint8_t *hello, size_t n)
{
    uint8_t early[WT_DIGEST_MOST], key[WT_DIGEST_MOST], digest[WT_DIGEST_MOST], none[WT_DIGEST_MOST];
    size_t tail = p->schedule.length + 3;
    uint8_t head[4] = {WT_HANDSHAKE_CLIENT_HELLO, 0, (uint8_t)(n >> 8), (uint8_t)n};
    const struct wt_span parts[3] = {wt_buffer_span(&p->messages), wt_span_of(head, 4), wt_span_of(hello, n - tail)};
    size_t empty = wt_digest(p->crypto, p->schedule.hash, (struct wt_span){0}, none);
    assert_true(wt_digest_parts(p->crypto, p->schedule.hash, parts, 3, digest));
    assert_true(wt_early_secret(&p->schedule, p->plan.psk, early));
    assert_true(wt_branch_secret(&p->schedule,
                                 p->plan.from_ticket ? WT_BRANCH_RESUMPTION_BINDER : WT_BRANCH_EXTERNAL_BINDER, early,
                                 wt_span_of(none, empty), key));
    assert_true(
        wt_verify_data13(&p->schedule, secret_of(p, key), secret_of(p, digest), hello + n - p->schedule.length));
    hello[n - 1] ^= p->plan.damage == BINDER;
}

static void client_hello(struct peers *p, bool second)
{
    uint8_t room[1024], extensions[768], suites[64];
    size_t k = 0;
    for (; k < p->plan.many_offered; k++) {
        suites[2 * k] = 0x13;
        suites[2 * k + 1] = (uint8_t)(2 + k);
    }
    suites[2 * k] = (uint8_t)(p->plan.suite >> 8);
    suites[2 * k + 1] = (uint8_t)p->plan.suite;
    struct wt_writer w = wt_writer_start(extensions, sizeof extensions);
    put_client_extensions(p, &w, second);
    assert_int_equal(w.error.code, WT_OK);
    struct wt_message_body m = {.type = WT_HANDSHAKE_CLIENT_HELLO};
    m.client_hello = (struct wt_client_hello){.legacy_version = WT_TLS12,
                                              .random = wt_span_of(p->random[WT_CLIENT], 32),
                                              .cipher_suites = wt_span_of(suites, 2 * k + 2),
                                              .compression_methods = wt_span_of("\0", 1),
                                              .extensions = {wt_span_of(extensions, w.n), true}};
    const struct wt_codec_context c = {0};
    w = wt_writer_start(room, sizeof room);
    wt_message_encode(&w, &c, &m);
    assert_int_equal(w.error.code, WT_OK);
    if (p->plan.identity)
        bind(p, room, w.n);
    peers_message(p, WT_CLIENT, m.type, wt_span_of(room, w.n), wt_span_of(room, w.n));
}

static bool takes_psk(const struct peers *p)
{
    return p->plan.identity && !p->plan.psk_refused;
}

static void server_hello(struct peers *p, bool retry)
{
    uint8_t extensions[256], share[36] = {0, 0x1d, 0, 32};
    struct wt_writer w = wt_writer_start(extensions, sizeof extensions);
    memset(share + 4, 0x5e, 32);
    peers_extension(&w, WT_EXT_SUPPORTED_VERSIONS, "\3\4", 2);
    if (!p->plan.psk_alone || retry)
        peers_extension(&w, WT_EXT_KEY_SHARE, share, retry ? 2 : sizeof share);
    if (takes_psk(p) && !retry)
        peers_extension(&w, WT_EXT_PRE_SHARED_KEY, "\0\0", 2);
    struct wt_message_body m = {.type = WT_HANDSHAKE_SERVER_HELLO};
    m.server_hello =
        (struct wt_server_hello){.legacy_version = WT_TLS12,
                                 .random = wt_span_of(retry ? wt_hello_retry_random : p->random[WT_SERVER], 32),
                                 .cipher_suite = p->plan.suite,
                                 .has_session_id = true,
                                 .extensions = {wt_span_of(extensions, w.n), true}};
    peers_encode(p, WT_SERVER, &m);
}

/* RFC 8446, 4.4.1: the first hello counts as its hash from here on. */
static void retry(struct peers *p)
{
    uint8_t digest[WT_DIGEST_MOST], head[4] = {WT_HANDSHAKE_MESSAGE_HASH, 0, 0, 0};
    struct wt_span hash = hash_now(p, digest);
    head[3] = (uint8_t)hash.n;
    p->messages.n = 0;
    assert_true(wt_buffer_add(&p->messages, head, 4) && wt_buffer_add(&p->messages, hash.p, hash.n));
    server_hello(p, true);
}

/* --- the server's flight -------------------------------------------------------------------------------------------
 */

static bool takes_early(const struct peers *p)
{
    return p->plan.early && takes_psk(p) && !p->plan.early_refused && !p->plan.retry;
}

static void encrypted_extensions(struct peers *p)
{
    uint8_t extensions[64];
    struct wt_writer w = wt_writer_start(extensions, sizeof extensions);
    if (takes_early(p))
        peers_extension(&w, WT_EXT_EARLY_DATA, NULL, 0);
    peers_extension(&w, WT_EXT_ALPN, "\0\3\2h1", 5);
    struct wt_message_body m = {.type = WT_HANDSHAKE_ENCRYPTED_EXTENSIONS};
    m.encrypted_extensions.extensions = (struct wt_extensions){wt_span_of(extensions, w.n), true};
    peers_encode(p, WT_SERVER, &m);
}

static void certificate_request(struct peers *p, struct wt_span context)
{
    uint8_t extensions[32];
    struct wt_writer w = wt_writer_start(extensions, sizeof extensions);
    peers_extension(&w, WT_EXT_SIGNATURE_ALGORITHMS, "\0\4\4\3\10\4", 6);
    struct wt_message_body m = {.type = WT_HANDSHAKE_CERTIFICATE_REQUEST};
    m.certificate_request.request_context = context;
    m.certificate_request.extensions = (struct wt_extensions){wt_span_of(extensions, w.n), true};
    peers_encode(p, WT_SERVER, &m);
}

static void certificate_verify(struct peers *p, enum wt_side from)
{
    uint8_t digest[WT_DIGEST_MOST], content[WT_SIGNED13_MOST], signature[600];
    struct wt_span hash = hash_now(p, digest), signed_content = {content, wt_signed13(from, hash, content)};
    struct wt_message_body m = {.type = WT_HANDSHAKE_CERTIFICATE_VERIFY};
    size_t n = peers_sign(p, from, &signed_content, 1, signature, &m.certificate_verify.signature_scheme);
    m.certificate_verify.has_scheme = true;
    m.certificate_verify.signature = wt_span_of(signature, n);
    peers_encode(p, from, &m);
}

static void finished(struct peers *p, enum wt_side from, const uint8_t *base)
{
    uint8_t digest[WT_DIGEST_MOST], right[WT_DIGEST_MOST], sent[WT_DIGEST_MOST];
    assert_true(wt_verify_data13(&p->schedule, secret_of(p, base), hash_now(p, digest), right));
    memcpy(sent, right, sizeof sent);
    sent[0] ^= p->plan.damage == (from == WT_CLIENT ? CLIENT_FINISHED : SERVER_FINISHED);
    peers_message(p, from, WT_HANDSHAKE_FINISHED, secret_of(p, right), secret_of(p, sent));
}

/* --- the whole -----------------------------------------------------------------------------------------------------
 */

static void early(struct peers *p, uint8_t secret[WT_DIGEST_MOST])
{
    assert_true(wt_early_secret(&p->schedule, p->plan.psk, p->trunk));
    branch(p, WT_BRANCH_CLIENT_EARLY, WT_LABEL_EARLY_TRAFFIC, secret);
    peers_record(p, WT_CLIENT, WT_CONTENT_CHANGE_CIPHER_SPEC, wt_span_of("\1", 1));
    seal_with(p, WT_CLIENT, secret);
    peers_say(p, WT_CLIENT, p->plan.early);
}

static void climb(struct peers *p)
{
    uint8_t shared[32];
    memset(shared, 0x77 + p->plan.seed, sizeof shared);
    assert_true(wt_early_secret(&p->schedule, takes_psk(p) ? p->plan.psk : (struct wt_span){0}, p->trunk));
    assert_true(wt_handshake_secret(&p->schedule, p->trunk, wt_span_of(shared, p->plan.psk_alone ? 0 : 32), p->trunk));
}

static void hellos(struct peers *p)
{
    uint8_t secret[WT_DIGEST_MOST];
    client_hello(p, false);
    if (p->plan.early)
        early(p, secret);
    if (p->plan.retry) {
        retry(p);
        wt_record_protector_free(p->seal[WT_CLIENT]);
        p->seal[WT_CLIENT] = NULL;
        client_hello(p, true);
    }
    server_hello(p, false);
}

static void client_flight(struct peers *p, const uint8_t *handshake, struct wt_span end_of_early)
{
    if (end_of_early.p)
        peers_message(p, WT_CLIENT, WT_HANDSHAKE_END_OF_EARLY_DATA, (struct wt_span){0}, (struct wt_span){0});
    seal_with(p, WT_CLIENT, handshake);
    if (p->plan.refuses) {
        peers_alert(p, WT_CLIENT, 2, WT_ALERT_DECRYPT_ERROR);
        return;
    }
    if (p->plan.client_certificate) {
        peers_certificate(p, WT_CLIENT, (struct wt_span){0});
        certificate_verify(p, WT_CLIENT);
    }
    finished(p, WT_CLIENT, handshake);
}

void peers_meet13(struct peers *p)
{
    uint8_t handshake[2][WT_DIGEST_MOST], traffic[2][WT_DIGEST_MOST], exporter[WT_DIGEST_MOST];
    assert_true(wt_schedule_start(&p->schedule, p->crypto, (enum wt_hash_id)p->suite->prf, WT_TLS13, NULL));
    hellos(p);
    climb(p);
    for (unsigned side = 0; side < 2; side++)
        branch(p, client_branches[0][side], client_labels[0][side], handshake[side]);
    peers_record(p, WT_SERVER, WT_CONTENT_CHANGE_CIPHER_SPEC, wt_span_of("\1", 1));
    seal_with(p, WT_SERVER, handshake[WT_SERVER]);
    encrypted_extensions(p);
    if (p->plan.client_certificate)
        certificate_request(p, (struct wt_span){0});
    if (!takes_psk(p)) {
        peers_certificate(p, WT_SERVER, (struct wt_span){0});
        certificate_verify(p, WT_SERVER);
    }
    finished(p, WT_SERVER, handshake[WT_SERVER]);
    assert_true(wt_master_secret13(&p->schedule, p->trunk, p->trunk));
    for (unsigned side = 0; side < 2; side++)
        branch(p, client_branches[1][side], client_labels[1][side], traffic[side]);
    branch(p, WT_BRANCH_EXPORTER, WT_LABEL_EXPORTER, exporter);
    client_flight(p, handshake[WT_CLIENT], takes_early(p) ? wt_span_of("", 0) : (struct wt_span){0});
    branch(p, WT_BRANCH_RESUMPTION, WT_LABEL_COUNT, p->resumption);
    for (unsigned side = 0; side < 2; side++)
        seal_with(p, side, traffic[side]);
}

/* --- behind the handshake ------------------------------------------------------------------------------------------
 */

void peers_ticket(struct peers *p, const char *ticket, const char *nonce)
{
    struct wt_message_body m = {.type = WT_HANDSHAKE_NEW_SESSION_TICKET};
    m.new_session_ticket = (struct wt_new_session_ticket){.tls13 = true,
                                                          .lifetime = 3600,
                                                          .age_add = 7,
                                                          .nonce = wt_span_text(nonce),
                                                          .ticket = wt_span_text(ticket),
                                                          .extensions = {{0}, true}};
    assert_true(wt_ticket_psk(&p->schedule, p->resumption, wt_span_text(nonce), p->ticket_psk));
    peers_encode(p, WT_SERVER, &m);
}

void peers_update(struct peers *p, enum wt_side from)
{
    struct wt_message_body m = {.type = WT_HANDSHAKE_KEY_UPDATE};
    peers_encode(p, from, &m);
    assert_true(wt_traffic_update(&p->schedule, p->traffic[from]));
    seal_with(p, from, p->traffic[from]);
}

/* RFC 8446, 4.6.2: its transcript goes on from the handshake's, and ends with itself. */
void peers_ask_certificate(struct peers *p, enum damage damage)
{
    size_t n = p->messages.n;
    p->plan.damage = damage;
    certificate_request(p, wt_span_of("ask", 3));
    peers_certificate(p, WT_CLIENT, wt_span_of("ask", 3));
    certificate_verify(p, WT_CLIENT);
    finished(p, WT_CLIENT, p->traffic[WT_CLIENT]);
    p->messages.n = n;
    p->plan.damage = WHOLE;
}
