#include "peers.h"

#include "registry/limits.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/* --- keys and certificates ------------------------------------------------------------------------------------------
 */

static EVP_PKEY *keys[2];
static struct wt_buffer certificates[2], pem;

EVP_PKEY *peers_key(bool ecdsa)
{
    if (!keys[ecdsa])
        keys[ecdsa] =
            ecdsa ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256") : EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
    assert_non_null(keys[ecdsa]);
    return keys[ecdsa];
}

struct wt_span peers_private_key(void)
{
    if (!pem.n) {
        BIO *bio = BIO_new(BIO_s_mem());
        char *text;
        assert_int_equal(PEM_write_bio_PrivateKey(bio, peers_key(false), NULL, NULL, 0, NULL, NULL), 1);
        long n = BIO_get_mem_data(bio, &text);
        assert_true(wt_buffer_add(&pem, text, (size_t)n));
        BIO_free(bio);
    }
    return wt_buffer_span(&pem);
}

static struct wt_span certificate_of(bool ecdsa)
{
    struct wt_buffer *b = &certificates[ecdsa];
    if (!b->n) {
        X509 *x = X509_new();
        unsigned char *der = NULL;
        assert_non_null(x);
        ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
        assert_true(ASN1_TIME_set_string(X509_getm_notBefore(x), "20200102030405Z"));
        assert_true(ASN1_TIME_set_string(X509_getm_notAfter(x), "20500102030405Z"));
        assert_true(X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                                               (const unsigned char *)"a.example", -1, -1, 0));
        assert_true(X509_set_pubkey(x, peers_key(ecdsa)));
        assert_true(X509_sign(x, peers_key(ecdsa), EVP_sha256()) > 0);
        int n = i2d_X509(x, &der);
        assert_true(n > 0 && wt_buffer_add(b, der, (size_t)n));
        OPENSSL_free(der);
        X509_free(x);
    }
    return wt_buffer_span(b);
}

void peers_forget(void)
{
    for (unsigned i = 0; i < 2; i++) {
        EVP_PKEY_free(keys[i]);
        keys[i] = NULL;
        wt_buffer_free(&certificates[i]);
    }
    wt_buffer_free(&pem);
}

/* The client's certificate is of the other kind than the server's, so that nobody mistakes one for the other. */
static bool is_ecdsa(const struct peers *p, enum wt_side from)
{
    return from == WT_SERVER ? p->plan.ecdsa : !p->plan.ecdsa;
}

/* MD5 and SHA-1 side by side, as RSA signed them up to TLS 1.1; ECDSA signed SHA-1 alone. */
static const EVP_MD *old_digest(bool ecdsa)
{
    return ecdsa ? EVP_sha1() : EVP_md5_sha1();
}

size_t peers_sign(struct peers *p, enum wt_side from, const struct wt_span *parts, size_t count, uint8_t out[600],
                  uint16_t *scheme)
{
    bool ecdsa = is_ecdsa(p, from), tls13 = p->plan.version == WT_TLS13;
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    EVP_PKEY_CTX *how = NULL;
    size_t n = 600;
    const EVP_MD *md = p->plan.version < WT_TLS12 ? old_digest(ecdsa) : EVP_sha256();
    *scheme = ecdsa ? 0x0403 : tls13 ? 0x0804 : 0x0401;
    assert_int_equal(EVP_DigestSignInit(c, &how, md, NULL, peers_key(ecdsa)), 1);
    if (!ecdsa && tls13) {
        assert_true(EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) > 0);
        assert_true(EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) > 0);
    }
    for (size_t i = 0; i < count; i++)
        assert_int_equal(EVP_DigestSignUpdate(c, parts[i].p, parts[i].n), 1);
    assert_int_equal(EVP_DigestSignFinal(c, out, &n), 1);
    EVP_MD_CTX_free(c);
    if (p->plan.damage == (from == WT_SERVER ? SERVER_SIGNATURE : CLIENT_SIGNATURE))
        out[n - 1] ^= 1;
    return n;
}

void peers_certificate(struct peers *p, enum wt_side from, struct wt_span request_context)
{
    bool tls13 = p->plan.version == WT_TLS13;
    uint8_t list[2048];
    struct wt_writer w = wt_writer_start(list, sizeof list);
    struct wt_span der = certificate_of(is_ecdsa(p, from));
    wt_write_opaque(&w, der, 3, 1, 0xffffff, "cert_data");
    if (tls13)
        wt_write_u16(&w, 0);
    struct wt_message_body m = {.type = WT_HANDSHAKE_CERTIFICATE};
    m.certificate = (struct wt_certificate){.request_context = request_context, .list = {list, w.n}, .tls13 = tls13};
    peers_encode(p, from, &m);
}

/* --- records and messages ------------------------------------------------------------------------------------------
 */

static bool is_damaged(struct peers *p, enum wt_side from, uint8_t type)
{
    if (p->plan.damage == EVERY_RECORD)
        return true;
    if (type != WT_CONTENT_APPLICATION_DATA || p->plan.damage != (from == WT_CLIENT ? CLIENT_RECORD : SERVER_RECORD))
        return false;
    p->plan.damage = WHOLE;
    return true;
}

void peers_record(struct peers *p, enum wt_side from, uint8_t type, struct wt_span text)
{
    static uint8_t room[20000 + WT_SEAL_MOST + 1024];
    assert_true(p->n < PIECES);
    struct piece *piece = &p->pieces[p->n++];
    piece->from = from;
    if (p->seal[from]) {
        unsigned padding = p->plan.version == WT_TLS13 ? p->padding : 0;
        uint16_t version = p->plan.version == WT_TLS13 ? WT_TLS12 : p->plan.version;
        size_t n = wt_record_protector_seal(p->seal[from], type, version, text, padding, NULL, room, NULL);
        assert_true(n > 5);
        if (is_damaged(p, from, type))
            room[n - 1] ^= 1;
        assert_true(wt_buffer_add(&piece->b, room, n));
        return;
    }
    const uint8_t head[5] = {type, 3, p->plan.version == WT_SSL3 ? 0 : 1, (uint8_t)(text.n >> 8), (uint8_t)text.n};
    assert_true(wt_buffer_add(&piece->b, head, 5) && wt_buffer_add(&piece->b, text.p, text.n));
}

static size_t whole(uint8_t *room, size_t size, uint8_t type, struct wt_span body)
{
    struct wt_writer w = wt_writer_start(room, size);
    wt_write_u8(&w, type);
    wt_write_opaque(&w, body, 3, 0, 0xffffff, "body");
    assert_int_equal(w.error.code, WT_OK);
    return w.n;
}

/* RFC 8446, 4.4.1: tickets and key updates are in no transcript; neither is RFC 5246's HelloRequest. */
static bool is_proved(const struct peers *p, uint8_t type)
{
    return type != WT_HANDSHAKE_HELLO_REQUEST &&
           (p->plan.version != WT_TLS13 ||
            (type != WT_HANDSHAKE_NEW_SESSION_TICKET && type != WT_HANDSHAKE_KEY_UPDATE));
}

void peers_message(struct peers *p, enum wt_side from, uint8_t type, struct wt_span body, struct wt_span sent)
{
    uint8_t room[4096];
    size_t n = whole(room, sizeof room, type, body);
    if (is_proved(p, type))
        assert_true(wt_buffer_add(&p->messages, room, n));
    n = whole(room, sizeof room, type, sent);
    peers_record(p, from, WT_CONTENT_HANDSHAKE, wt_span_of(room, n));
    if (type == WT_HANDSHAKE_SERVER_HELLO)
        p->hellos = p->n;
}

void peers_encode(struct peers *p, enum wt_side from, const struct wt_message_body *m)
{
    uint8_t room[4096];
    struct wt_writer w = wt_writer_start(room, sizeof room);
    struct wt_codec_context c = {
        .version = p->plan.version, .kx = p->suite ? p->suite->kx : 0, .from_server = from == WT_SERVER};
    struct wt_span body;
    wt_message_encode(&w, &c, m);
    assert_int_equal(wt_writer_done(&w, &body), WT_OK);
    uint8_t changed[4096];
    memcpy(changed, body.p, body.n);
    if (m->type == WT_HANDSHAKE_SERVER_KEY_EXCHANGE && p->plan.damage == PARAMS)
        changed[m->server_key_exchange.params.n - 1] ^= 1;
    if (m->type == WT_HANDSHAKE_ENCRYPTED_EXTENSIONS && p->plan.damage == EXTENSIONS)
        changed[body.n - 1] ^= 1;
    peers_message(p, from, m->type, body, wt_span_of(changed, body.n));
}

void peers_extension(struct wt_writer *w, uint16_t id, const void *body, size_t n)
{
    wt_write_u16(w, id);
    wt_write_opaque(w, wt_span_of(body, n), 2, 0, 65535, "extension");
}

void peers_note(struct peers *p, enum wt_label label, struct wt_span by, struct wt_span secret)
{
    wt_buffer_format(&p->log, "%s ", wt_label_name(label));
    wt_buffer_add_hex(&p->log, by);
    wt_buffer_add_char(&p->log, ' ');
    wt_buffer_add_hex(&p->log, secret);
    assert_true(wt_buffer_add_char(&p->log, '\n'));
}

struct wt_buffer peers_log(const struct peers *p, const char *labels)
{
    struct wt_buffer out = {0};
    const char *at = (const char *)p->log.p, *end = at + p->log.n;
    while (at < end) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        char label[64] = "";
        size_t length;
        assert_non_null(next);
        assert_int_equal(sscanf(at, "%60s", label), 1);
        length = strlen(label);
        bool wanted = false;
        for (const char *l = labels; *l && !wanted; l += strcspn(l, " ") + 1)
            wanted = strcspn(l, " ") == length && strncmp(l, label, length) == 0;
        if (wanted)
            assert_true(wt_buffer_add(&out, at, (size_t)(next + 1 - at)));
        at = next + 1;
    }
    assert_true(wt_buffer_add_char(&out, 0));
    out.n--;
    return out;
}

struct wt_record_protector *peers_protector(struct peers *p, const struct wt_protection *how)
{
    struct wt_error why = {0};
    struct wt_record_protector *protector = wt_record_protector_new(p->crypto, how, true, &why);
    assert_non_null(protector);
    return protector;
}

/* --- what is said ---------------------------------------------------------------------------------------------------
 */

static void draw(struct peers *p)
{
    memset(p->random[WT_CLIENT], 0x10 + p->plan.seed, 32);
    memset(p->random[WT_SERVER], 0x90 + p->plan.seed, 32);
}

static void agree(struct peers *p, const struct plan *plan)
{
    p->plan = *plan;
    if (!p->plan.version)
        p->plan.version = WT_TLS12;
    if (!p->plan.suite)
        p->plan.suite = p->plan.version == WT_TLS13 ? 0x1301 : 0xc02f;
    p->suite = wt_suite_find(p->plan.suite);
    assert_non_null(p->suite);
    p->padding = p->plan.padding;
    p->messages.n = 0;
    draw(p);
    if (p->plan.version == WT_TLS13)
        peers_meet13(p);
    else
        peers_meet12(p);
}

void peers_meet(struct peers *p, const struct plan *plan)
{
    memset(p, 0, sizeof *p);
    p->crypto = wt_crypto_new();
    assert_non_null(p->crypto);
    agree(p, plan);
}

void peers_meet_again(struct peers *p, const struct plan *plan)
{
    size_t hellos = p->hellos;
    agree(p, plan);
    p->hellos = hellos;
}

void peers_part(struct peers *p)
{
    for (size_t i = 0; i < p->n; i++)
        wt_buffer_free(&p->pieces[i].b);
    for (unsigned side = 0; side < 2; side++)
        wt_record_protector_free(p->seal[side]);
    wt_buffer_free(&p->messages);
    wt_buffer_free(&p->log);
    wt_crypto_free(p->crypto);
    memset(p, 0, sizeof *p);
}

void peers_say(struct peers *p, enum wt_side from, const char *text)
{
    peers_record(p, from, WT_CONTENT_APPLICATION_DATA, wt_span_text(text));
}

void peers_alert(struct peers *p, enum wt_side from, uint8_t level, uint8_t description)
{
    const uint8_t two[2] = {level, description};
    peers_record(p, from, WT_CONTENT_ALERT, wt_span_of(two, 2));
}
