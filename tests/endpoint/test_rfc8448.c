/* The connections of RFC 8448 (tests/rfc8448), each of them with an endpoint in one seat and then in the other: by the
 * RFC's keys and random numbers it emits the RFC's records, octet for octet, and takes those of the other side.
 *
 * Emitted by the engine, and compared: every record of its side, that is
 *   record headers, the keys and nonces by which records are sealed, ChangeCipherSpec (section 7), data, alerts;
 *   ClientHello: version, random, session_id, suites, and all extensions whose bodies it writes as the RFC does (list
 *     below: those that are given); the PSK binder (4);
 *   ServerHello (3 to 7) and CertificateRequest (6), wholly; HelloRetryRequest (5) but for its cookie;
 *   Certificate, wholly; CertificateVerify by the RFC's RSA key (3, 5, 7); EndOfEarlyData and early data (4); Finished;
 *   NewSessionTicket (3): lifetime, age_add, max_early_data_size.
 * Beside them the secrets of its key log, and the PSK that it makes of the RFC's ticket, with which it resumes in 4.
 *
 * Given to it, since a trace has one author and we are another:
 *   where it asks for random numbers: ephemeral private keys, randoms, session_id, age_add, the salts of RSA-PSS;
 *   the order of the extensions in ClientHello, HelloRetryRequest and EncryptedExtensions, and of these the bodies: in
 *     ClientHello renegotiation_info, session_ticket (both of TLS 1.2, which is not offered here) and padding, in
 *     HelloRetryRequest cookie, in EncryptedExtensions supported_groups. Its own status_request is taken out;
 *   in NewSessionTicket the ticket and its nonce; to the server of 4 the session in that ticket, which only its author
 *     can open;
 *   in 6, whose private keys the RFC does not print, both signatures, as answers to WT_ASK_SIGNATURE. */
#include "identities.h"

#include "../rfc8448/key.h"

#include "codec/ext/ext.h"
#include "endpoint/engine.h"

#include <openssl/core_names.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 2048, SALT = 32, MODULUS = 128, BINDER = 32 };

/* Milliseconds: of the first connection, and of the one that resumes it, by the age of the ticket there. */
static const int64_t now_ms = 1480000000000, later_ms = 1480000000006;

static const uint16_t suites[] = {0x1301, 0x1303, 0x1302};
static const uint16_t schemes[] = {0x0403, 0x0503, 0x0603, 0x0203, 0x0804, 0x0805, 0x0806, 0x0401,
                                   0x0501, 0x0601, 0x0201, 0x0402, 0x0502, 0x0602, 0x0202};
static const uint16_t all_groups[] = {0x001d, 0x0017, 0x0018, 0x0019, 0x0100, 0x0101, 0x0102, 0x0103, 0x0104};
static const uint16_t few_groups[] = {0x001d, 0x0017, 0x0018};

/* One seat of one connection. */
struct seat {
    unsigned section, side;
    struct trace *trace, *key, *before; /* of the section, of section 2, and of section 3, whose ticket is used */
    struct wt_party *party;
    struct wt_identity *identity[2]; /* by side */
    struct wt_endpoint *e;
    unsigned hellos;                   /* ClientHellos that were written */
    unsigned own, secrets, signatures; /* extensions of the engine's, lines, what was signed */
    uint8_t room[ROOM];
};

static struct seat *seat; /* whose turn it is */

/* --- the trace ---------------------------------------------------------------------------------------------------- */

static struct wt_span value(struct trace_step *step, const char *name)
{
    struct trace_field *field = step ? trace_field(step, name) : NULL;
    assert_non_null(field);
    return wt_buffer_span(&field->bytes);
}

/* The first of the side (2: of either) that is so named. */
static struct trace_step *find(const struct trace *t, unsigned side, const char *what, const char *of)
{
    for (size_t i = 0; i < t->count; i++) {
        struct trace_step *step = (struct trace_step *)&t->steps[i];
        if ((side == 2 || step->side == side) && !strcmp(step->what, what) && !strcmp(step->of, of))
            return step;
    }
    return NULL;
}

/* The n-th message of that side and type, as its record has it: with its header, and its binder. */
static struct wt_span message(const struct trace *t, unsigned side, uint8_t type, unsigned n)
{
    for (size_t i = 0; i < t->count; i++) {
        struct trace_step *step = (struct trace_step *)&t->steps[i];
        if (step->side != side || strcmp(step->what, "record") != 0 || strcmp(step->of, "handshake") != 0)
            continue;
        for (struct wt_span rest = value(step, "payload"); rest.n >= 4;) {
            const struct wt_span one = wt_span_cut(rest, 0, 4 + (size_t)wt_get24(rest.p + 1));
            if (one.p[0] == type && n-- == 0)
                return one;
            rest = wt_span_cut(rest, one.n, SIZE_MAX);
        }
    }
    return (struct wt_span){0};
}

static struct wt_message_body decoded(struct wt_span message, const struct wt_codec_context *context)
{
    struct wt_message_body body;
    struct wt_error error;
    assert_true(message.n >= 4);
    assert_int_equal(wt_message_decode(context, message.p[0], wt_span_cut(message, 4, SIZE_MAX), NULL, &body, &error),
                     WT_OK);
    body.type = message.p[0];
    return body;
}

/* --- what is given: random numbers -------------------------------------------------------------------------------- */

static struct wt_span hello_random(const struct seat *s)
{
    if (s->side == WT_CLIENT)
        return wt_span_cut(message(s->trace, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, 0), 6, 32);
    return wt_span_cut(message(s->trace, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO, s->section == 5), 6, 32);
}

static bool fill(void *context, enum wt_random_use use, uint16_t group, void *out, size_t n)
{
    const struct seat *s = context;
    struct wt_span bytes = {0};
    switch (use) {
    case WT_RANDOM_HELLO:
        bytes = hello_random(s);
        break;
    case WT_RANDOM_SESSION:
        bytes = wt_span_cut(message(s->trace, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, 0), 39, 32);
        break;
    case WT_RANDOM_KEY:
        bytes = value(find(s->trace, s->side, "share", group == WT_GROUP_X25519 ? "x25519" : "P-256"), "private");
        break;
    case WT_RANDOM_TICKET: /* the engine's own ticket, which the RFC's stands in for, and its age_add */
        if (n == 4)
            bytes = wt_span_cut(message(s->trace, WT_SERVER, WT_HANDSHAKE_NEW_SESSION_TICKET, 0), 8, 4);
        else
            memset(out, 0, n);
        break;
    default:
        fail_msg("random numbers for %u", use);
    }
    assert_true(bytes.n == n || (use == WT_RANDOM_TICKET && !bytes.n));
    if (bytes.n)
        memcpy(out, bytes.p, n);
    return true;
}

/* RFC 8017, 9.1.2: the salt that a signature was made with. */
static void salt_of(EVP_PKEY *key, struct wt_span signature, uint8_t salt[SALT])
{
    enum { HASH = 32, DB = MODULUS - HASH - 1 };
    uint8_t block[MODULUS], input[HASH + 4], mask[HASH * 3];
    size_t n = sizeof block;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(key, NULL);
    assert_int_equal(EVP_PKEY_encrypt_init(c), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(c, RSA_NO_PADDING), 1);
    assert_int_equal(EVP_PKEY_encrypt(c, block, &n, signature.p, signature.n), 1);
    EVP_PKEY_CTX_free(c);
    assert_int_equal(block[MODULUS - 1], 0xbc);
    memcpy(input, block + DB, HASH);
    for (uint8_t i = 0; i < 3; i++) {
        memcpy(input + HASH, (const uint8_t[4]){0, 0, 0, i}, 4);
        assert_int_equal(EVP_Q_digest(NULL, "SHA256", NULL, input, sizeof input, mask + (size_t)HASH * i, NULL), 1);
    }
    for (size_t i = 0; i < SALT; i++)
        salt[i] = block[DB - SALT + i] ^ mask[DB - SALT + i];
}

/* What a generator of libcrypto's gives out from now on. */
static void give_out(EVP_RAND_CTX *generator, uint8_t *bytes, size_t n)
{
    unsigned strength = 256;
    OSSL_PARAM params[] = {OSSL_PARAM_construct_uint(OSSL_RAND_PARAM_STRENGTH, &strength),
                           OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_ENTROPY, bytes, n),
                           OSSL_PARAM_construct_end()};
    assert_non_null(generator);
    assert_int_equal(EVP_RAND_CTX_set_params(generator, params), 1);
    assert_int_equal(EVP_RAND_instantiate(generator, 0, 0, NULL, 0, NULL), 1);
}

/* The salt for what that key signs; the private generator's are for blinding, and change no signature. */
static void give_salt(const struct wt_identity *identity, EVP_PKEY *key, struct wt_span signature)
{
    static uint8_t blinding[1 << 16];
    uint8_t salt[SALT];
    OSSL_LIB_CTX *lib = wt_crypto_context(identity->crypto);
    salt_of(key, signature, salt);
    for (size_t i = 0; i < sizeof blinding; i++)
        blinding[i] = (uint8_t)(i * 31 + 1);
    assert_int_equal(RAND_set_DRBG_type(lib, "TEST-RAND", NULL, NULL, NULL), 1);
    give_out(RAND_get0_public(lib), salt, sizeof salt);
    give_out(RAND_get0_private(lib), blinding, sizeof blinding);
}

/* --- what is given: parts of messages ----------------------------------------------------------------------------- */

/* Extensions that a message of the RFC has, and the engine's not; or that it has otherwise. */
static bool is_given(uint8_t type, uint16_t id)
{
    switch (type) {
    case WT_HANDSHAKE_CLIENT_HELLO:
        return id == WT_EXT_RENEGOTIATION_INFO || id == WT_EXT_SESSION_TICKET || id == WT_EXT_PADDING;
    case WT_HANDSHAKE_SERVER_HELLO:
        return id == WT_EXT_COOKIE;
    default:
        return type == WT_HANDSHAKE_ENCRYPTED_EXTENSIONS && id == WT_EXT_SUPPORTED_GROUPS;
    }
}

/* Those that the engine's has, and the RFC's not. */
static bool is_taken_out(uint8_t type, uint16_t id)
{
    return type == WT_HANDSHAKE_CLIENT_HELLO && id == WT_EXT_STATUS_REQUEST;
}

/* The RFC's in place of ours, which have to be the same but for what is given. A binder is ours to make. */
static void give_extensions(uint8_t type, struct wt_extensions *ours, struct wt_span theirs)
{
    struct wt_extensions block = {.block = theirs, .present = true};
    struct wt_extension extension;
    struct wt_span body;
    for (struct wt_span rest = ours->block; wt_extensions_next(&rest, &extension);)
        assert_true(wt_extensions_find(&block, extension.id, &body) || is_taken_out(type, extension.id));
    for (struct wt_span rest = theirs; wt_extensions_next(&rest, &extension);) {
        if (!wt_extensions_find(ours, extension.id, &body)) {
            assert_true(is_given(type, extension.id));
            continue;
        }
        const size_t most = extension.id == WT_EXT_PRE_SHARED_KEY ? body.n - BINDER : body.n;
        assert_int_equal(body.n, extension.body.n);
        assert_memory_equal(body.p, extension.body.p, most);
        seat->own++;
    }
    assert_true(theirs.n <= sizeof seat->room);
    memcpy(seat->room, theirs.p, theirs.n);
    if (type == WT_HANDSHAKE_CLIENT_HELLO && wt_extensions_find(&block, WT_EXT_PRE_SHARED_KEY, &body))
        memset(seat->room + theirs.n - BINDER, 0, BINDER); /* RFC 8446, 4.2.11: the last extension; its end */
    block.block.p = seat->room;
    *ours = block;
}

static void give(struct wt_message_body *m, const struct wt_codec_context *context)
{
    struct wt_message_body theirs;
    switch (m->type) {
    case WT_HANDSHAKE_CLIENT_HELLO:
        theirs = decoded(message(seat->trace, WT_CLIENT, m->type, seat->hellos++), context);
        give_extensions(m->type, &m->client_hello.extensions, theirs.client_hello.extensions.block);
        break;
    case WT_HANDSHAKE_SERVER_HELLO:
        if (!wt_server_hello_is_retry(&m->server_hello))
            break;
        theirs = decoded(message(seat->trace, WT_SERVER, m->type, 0), context);
        give_extensions(m->type, &m->server_hello.extensions, theirs.server_hello.extensions.block);
        break;
    case WT_HANDSHAKE_ENCRYPTED_EXTENSIONS:
        theirs = decoded(message(seat->trace, WT_SERVER, m->type, 0), context);
        give_extensions(m->type, &m->encrypted_extensions.extensions, theirs.encrypted_extensions.extensions.block);
        break;
    case WT_HANDSHAKE_NEW_SESSION_TICKET:
        theirs = decoded(message(seat->trace, WT_SERVER, m->type, 0), context);
        m->new_session_ticket.ticket = theirs.new_session_ticket.ticket;
        m->new_session_ticket.nonce = theirs.new_session_ticket.nonce;
        break;
    default:
        break;
    }
}

/* Every message of an endpoint's own is written by this (meson.build: --wrap). */
enum wt_code __real_wt_handshake_write(struct wt_handshake *h, unsigned side, const struct wt_message_body *message,
                                       struct wt_writer *out);
enum wt_code __wrap_wt_handshake_write(struct wt_handshake *h, unsigned side, const struct wt_message_body *message,
                                       struct wt_writer *out);
enum wt_code __wrap_wt_handshake_write(struct wt_handshake *h, unsigned side, const struct wt_message_body *message,
                                       struct wt_writer *out)
{
    const struct wt_codec_context context = wt_handshake_context(h, side);
    struct wt_message_body m = *message;
    give(&m, &context);
    return __real_wt_handshake_write(h, side, &m, out);
}

/* And every ticket opened by this: the RFC's, in which the PSK is that of section 3. */
bool __wrap_wt_tickets_open(struct wt_tickets *t, int64_t now, struct wt_span ticket, uint8_t room[WT_SESSION_MOST],
                            struct wt_session *out);
bool __wrap_wt_tickets_open(struct wt_tickets *t, int64_t now, struct wt_span ticket, uint8_t room[WT_SESSION_MOST],
                            struct wt_session *out)
{
    static const struct wt_codec_context context = {.version = WT_TLS13};
    const struct wt_message_body m =
        decoded(message(seat->before, WT_SERVER, WT_HANDSHAKE_NEW_SESSION_TICKET, 0), &context);
    const struct wt_span psk = value(find(seat->before, WT_SERVER, "ticket", ""), "expanded");
    (void)t, (void)now, (void)room;
    assert_true(wt_span_equal(ticket, m.new_session_ticket.ticket));
    *out =
        (struct wt_session){.version = WT_TLS13,
                            .suite = suites[0],
                            .made = now_ms,
                            .authenticated = now_ms - (int64_t)WT_LIMIT_TICKET_SECONDS * 1000, /* no ticket follows */
                            .expires = now_ms + (int64_t)m.new_session_ticket.lifetime * 1000,
                            .age_add = m.new_session_ticket.age_add,
                            .early = 1024,
                            .secret_length = (uint8_t)psk.n,
                            .host = wt_span_text("server")};
    memcpy(out->secret, psk.p, psk.n);
    return true;
}

/* --- a seat ------------------------------------------------------------------------------------------------------- */

/* RFC 9850, 2.1. */
static void on_line(void *context, const char *line)
{
    static const char *const labels[][2] = {
        {"CLIENT_EARLY_TRAFFIC_SECRET", "c e traffic"},      {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "c hs traffic"},
        {"SERVER_HANDSHAKE_TRAFFIC_SECRET", "s hs traffic"}, {"CLIENT_TRAFFIC_SECRET_0", "c ap traffic"},
        {"SERVER_TRAFFIC_SECRET_0", "s ap traffic"},         {"EXPORTER_SECRET", "exp master"}};
    struct seat *s = context;
    char hex[2 * WT_DIGEST_MOST + 1];
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        const size_t n = strlen(labels[i][0]);
        if (strncmp(line, labels[i][0], n) != 0 || line[n] != ' ')
            continue;
        const struct wt_span secret = value(find(s->trace, 2, "derive", labels[i][1]), "expanded");
        for (size_t k = 0; k < secret.n; k++)
            (void)snprintf(hex + 2 * k, 3, "%02x", secret.p[k]);
        assert_string_equal(strrchr(line, ' ') + 1, hex);
        s->secrets++;
        return;
    }
    fail_msg("%s", line);
}

/* That side's certificate, and the key if the RFC has it. The server of section 4 shows the ticket alone. */
static struct wt_identity *identity_of(struct seat *s, unsigned side)
{
    const struct wt_span whole = message(s->section == 4 ? s->before : s->trace, side, WT_HANDSHAKE_CERTIFICATE, 0);
    const struct wt_span verify = message(s->trace, side, WT_HANDSHAKE_CERTIFICATE_VERIFY, 0);
    uint8_t *der = NULL;
    enum wt_problem_id why;
    int n = 0;
    if (!whole.n)
        return NULL;
    const struct wt_span certificate = wt_span_cut(whole, 11, wt_get24(whole.p + 8)); /* no context, the first entry */
    EVP_PKEY *key = s->section != 6 ? trace_rsa_key(&s->key->steps[0]) : NULL;
    if (key)
        n = i2d_PrivateKey(key, &der);
    struct wt_identity *identity = wt_identity_new(certificate.p, certificate.n, der, (size_t)n, NULL, &why);
    assert_non_null(identity);
    if (key && verify.n)
        give_salt(identity, key, wt_span_cut(verify, 8, SIZE_MAX));
    OPENSSL_free(der);
    EVP_PKEY_free(key);
    return identity;
}

static void start(struct seat *s, unsigned section, unsigned side, const char *folder, struct wt_span session)
{
    char name[32];
    struct wt_error error;
    (void)snprintf(name, sizeof name, "section-%u.txt", section);
    *s = (struct seat){.section = section,
                       .side = side,
                       .trace = trace_read(folder, name),
                       .key = trace_read(folder, "section-2.txt"),
                       .before = trace_read(folder, "section-3.txt")};
    seat = s;
    s->identity[side] = identity_of(s, side);
    const struct wt_endpoint_options options = {
        .size = sizeof options,
        .host = "server",
        .identities = (const struct wt_identity *const *)&s->identity[side],
        .identity_count = s->identity[side] ? 1 : 0,
        .min_version = WT_TLS13,
        .suites = suites,
        .suite_count = sizeof suites / sizeof *suites,
        /* in 5 the server has none of the groups that a share was sent of */
        .groups = section != 5        ? all_groups
                  : side == WT_CLIENT ? few_groups
                                      : few_groups + 1,
        .group_count = section != 5        ? sizeof all_groups / sizeof *all_groups
                       : side == WT_CLIENT ? 3
                                           : 1,
        .schemes = schemes,
        .scheme_count = sizeof schemes / sizeof *schemes,
        .without_verification = true, /* certificates of 2016, with keys of 1024 bits */
        .request = section == 6 && side == WT_SERVER ? WT_REQUEST_REQUIRED : WT_REQUEST_NONE,
        .without_compatibility = section != 7,
        .tickets = section == 3 ? 1 : 0,
        .without_resumption = side == WT_SERVER && section > 4,
        .ticket_lifetime = 30,
        .early_data = section < 5 ? 1024 : 0,
        .keylog = on_line,
        .context = s,
    };
    s->party = side == WT_CLIENT ? wt_client_new(&options, &error) : wt_server_new(&options, &error);
    assert_non_null(s->party);
    s->party->random.fill = fill;
    s->party->random.context = s;
    const int64_t at = section == 4 ? later_ms : now_ms;
    s->e = side == WT_CLIENT ? wt_client_resume(s->party, NULL, at, session) : wt_server_accept(s->party, at);
    assert_non_null(s->e);
}

static void end(struct seat *s)
{
    wt_endpoint_free(s->e);
    wt_party_free(s->party);
    wt_identity_free(s->identity[s->side]);
    trace_free(s->trace);
    trace_free(s->key);
    trace_free(s->before);
    seat = NULL;
}

/* --- the connection ----------------------------------------------------------------------------------------------- */

/* RFC 8448, 6: signatures by keys that it does not print. */
static void answer(struct seat *s)
{
    const struct wt_span verify = message(s->trace, s->side, WT_HANDSHAKE_CERTIFICATE_VERIFY, 0);
    struct wt_event event;
    while (wt_endpoint_next_event(s->e, &event)) {
        if (event.kind != WT_EVENT_ASK)
            continue;
        assert_int_equal(event.ask, WT_ASK_SIGNATURE);
        assert_int_equal(event.scheme, wt_get16(verify.p + 4));
        const struct wt_span signature = wt_span_cut(verify, 8, SIZE_MAX);
        assert_int_equal(wt_signature_verify(s->party->crypto, s->identity[s->side]->public_key, event.scheme, true,
                                             &event.to_sign, 1, signature),
                         WT_HOLDS);
        assert_true(wt_endpoint_answer_signature(s->e, signature.p, signature.n));
        s->signatures++;
    }
}

static void speak(struct seat *s, struct trace_step *step)
{
    const struct wt_span record = value(step, "record"), payload = value(step, "payload");
    if (!strcmp(step->of, "application_data"))
        assert_int_equal(wt_endpoint_write(s->e, payload.p, payload.n), payload.n);
    if (!strcmp(step->of, "alert"))
        wt_endpoint_end(s->e);
    const struct wt_span out = wt_endpoint_outgoing(s->e);
    const struct wt_finding *why = wt_endpoint_why(s->e);
    if (why || out.n < record.n || memcmp(out.p, record.p, record.n) != 0)
        fail_msg("section %u, line %u: other octets than the RFC's; %s", s->section, step->line,
                 why ? why->text : "no failure");
    wt_endpoint_sent(s->e, record.n);
}

static void hear(struct seat *s, struct trace_step *step)
{
    const struct wt_span record = value(step, "record"), payload = value(step, "payload");
    assert_int_equal(wt_endpoint_receive(s->e, record.p, record.n), record.n);
    answer(s);
    if (strcmp(step->of, "application_data") != 0)
        return;
    assert_true(wt_span_equal(wt_endpoint_data(s->e), payload));
    wt_endpoint_taken(s->e, payload.n);
}

/* Its records in the RFC's order; returns how many were its own. */
static unsigned play(struct seat *s)
{
    struct wt_endpoint_info info;
    unsigned spoken = 0;
    for (size_t i = 0; i < s->trace->count; i++) {
        struct trace_step *step = &s->trace->steps[i];
        if (strcmp(step->what, "record") != 0)
            continue;
        if (step->side == s->side) {
            speak(s, step);
            spoken++;
        } else {
            hear(s, step);
        }
    }
    assert_null(wt_endpoint_why(s->e));
    assert_int_equal(wt_endpoint_wants(s->e), WT_ENDED);
    wt_endpoint_info(s->e, &info);
    assert_true(info.established);
    assert_true(info.resumed == (s->section == 4) && info.early_data_accepted == (s->section == 4));
    assert_true(info.retried == (s->section == 5));
    assert_int_equal(s->secrets, s->section == 4 ? 6 : 5);
    return spoken;
}

/* `own`: extensions that the engine writes as the RFC does, in messages of which others are given. */
static void seats(unsigned section, const unsigned spoken[2], const unsigned own[2], struct wt_span session)
{
    for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++) {
        struct seat s;
        start(&s, section, side, RFC8448, side == WT_CLIENT ? session : (struct wt_span){0});
        assert_int_equal(play(&s), spoken[side]);
        assert_int_equal(s.own, own[side]);
        assert_int_equal(s.signatures, section == 6);
        end(&s);
    }
}

static void simple(void **state)
{
    (void)state;
    seats(3, (const unsigned[2]){4, 5}, (const unsigned[2]){7, 2}, (struct wt_span){0});
}

/* Section 3's client comes back with what it has kept. */
static void resumed(void **state)
{
    uint8_t bytes[2 * WT_SESSION_MOST];
    struct wt_session kept;
    struct wt_error error;
    struct seat s;
    (void)state;
    start(&s, 3, WT_CLIENT, RFC8448, (struct wt_span){0});
    (void)play(&s);
    const size_t n = wt_endpoint_session(s.e, bytes, sizeof bytes);
    assert_true(n && n <= sizeof bytes);
    assert_true(wt_session_unwrap(s.party->crypto, wt_span_of(bytes, n), &kept, &error));
    assert_true(wt_span_equal(wt_span_of(kept.secret, kept.secret_length),
                              value(find(s.trace, WT_SERVER, "ticket", ""), "expanded")));
    end(&s);
    seats(4, (const unsigned[2]){6, 4}, (const unsigned[2]){9, 3}, wt_span_of(bytes, n));
}

static void retried(void **state)
{
    (void)state;
    seats(5, (const unsigned[2]){4, 4}, (const unsigned[2]){7 + 8, 2 + 2}, (struct wt_span){0});
}

static void client_authentication(void **state)
{
    (void)state;
    seats(6, (const unsigned[2]){3, 3}, (const unsigned[2]){7, 2}, (struct wt_span){0});
}

static void compatibility_mode(void **state)
{
    (void)state;
    seats(7, (const unsigned[2]){4, 4}, (const unsigned[2]){7, 2}, (struct wt_span){0});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(simple),
        cmocka_unit_test(resumed),
        cmocka_unit_test(retried),
        cmocka_unit_test(client_authentication),
        cmocka_unit_test(compatibility_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
