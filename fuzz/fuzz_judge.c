/* Certificates, OCSP answers and SCT lists of whatever kind, judged on a connection of TLS 1.2 by a small store: a
 * root, an intermediate and a leaf that this harness issues itself, an OCSP answer of the intermediate's, an SCT of a
 * log that is known.
 *
 * Byte 0: bit 0 without the root in the store, bit 1 without the intermediate on the wire (bit 2: it is given), bit 3
 * signed again after what was edited, bit 4 no OCSP answer, bit 5 no SCTs, bit 6 an alert of the client's, bit 7 all of
 * it from the input. Byte 1: the days behind the time of issuing at which it is judged, or the alert.
 *
 * Then edits: what (0 leaf's and 1 intermediate's TBSCertificate, 2 the OCSP answer's ResponseData, 3 the SCT list, 4
 * their outer forms by bits 4 to 5), how (bits 2 and 3: bytes set, put in, left out), where (two bytes), how many, the
 * bytes. Or, with bit 7: a byte with the number of certificates, each behind two bytes of length, likewise the OCSP
 * answer and the SCT list; the last certificate is trusted.
 *
 * Held to, beyond what watch.h holds: what was not edited is right, what was edited and not signed again is not. */
#include "mutate_tls.h"

#include "watch.h"

#include "base/buffer.h"
#include "base/span.h"
#include "codec/codec.h"

#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

enum { UNTRUSTED = 1, LEFT_OUT = 2, GIVEN = 4, SIGNED_AGAIN = 8, NO_STAPLE = 16, NO_SCTS = 32, ALERT = 64, RAW = 128 };
enum { LEAF, INTERMEDIATE, STAPLE, SCTS, PARTS };
enum { MOST = 16384 };
static const int64_t NOW = 1700000000; /* 2023-11-14 */
static const uint8_t ED25519[] = {0x30, 5, 6, 3, 0x2b, 0x65, 0x70};

/* --- what is issued, once ----------------------------------------------------------------------------------------- */

static struct {
    EVP_PKEY *root, *intermediate, *leaf, *log;
    struct wt_buffer anchor;
    struct wt_buffer tbs[3]; /* of LEAF, INTERMEDIATE, STAPLE, without their outermost heads */
    struct wt_buffer sct;    /* a list with one */
    struct wt_buffer log_line;
} made;

static EVP_PKEY *key_of(uint8_t fill)
{
    uint8_t raw[32];
    memset(raw, fill, sizeof raw);
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, raw, sizeof raw);
    hold(key != NULL, "no key");
    return key;
}

static void extend(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    hold(e && X509_add_ext(x, e, -1), "no extension");
    X509_EXTENSION_free(e);
}

static X509 *issue(const char *name, EVP_PKEY *key, X509 *by, EVP_PKEY *with, bool ca)
{
    static long serial = 0x1234560;
    X509 *x = X509_new();
    hold(x != NULL, "no certificate");
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(by ? by : x));
    ASN1_TIME_set(X509_getm_notBefore(x), (time_t)(NOW - 100 * 86400));
    ASN1_TIME_set(X509_getm_notAfter(x), (time_t)(NOW + 100 * 86400));
    X509_set_pubkey(x, key);
    extend(x, by ? by : x, NID_basic_constraints, ca ? "critical,CA:TRUE" : "CA:FALSE");
    extend(x, by ? by : x, NID_key_usage, ca ? "keyCertSign,cRLSign,digitalSignature" : "digitalSignature");
    extend(x, by ? by : x, NID_subject_key_identifier, "hash");
    if (by)
        extend(x, by, NID_authority_key_identifier, "keyid");
    if (!ca) {
        extend(x, by, NID_ext_key_usage, "serverAuth");
        extend(x, by, NID_subject_alt_name, "DNS:www.example.com,DNS:*.example.net,IP:192.0.2.80");
    }
    hold(X509_sign(x, with, NULL) > 0, "not signed");
    return x;
}

/* What a DER value holds, without its head. */
static void keep(struct wt_buffer *to, const uint8_t *der, int n)
{
    size_t head = der[1] < 0x80 ? 2 : 2u + (der[1] & 0x7f);
    hold(n > 0 && (size_t)n > head && wt_buffer_add(to, der + head, (size_t)n - head), "no DER");
}

static void keep_certificate(struct wt_buffer *to, X509 *x)
{
    uint8_t *der = NULL;
    int n = i2d_re_X509_tbs(x, &der);
    keep(to, der, n);
    OPENSSL_free(der);
}

static void make_answer(X509 *leaf, X509 *issuer)
{
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), leaf, issuer);
    ASN1_GENERALIZEDTIME *from = ASN1_GENERALIZEDTIME_set(NULL, (time_t)(NOW - 86400)),
                         *until = ASN1_GENERALIZEDTIME_set(NULL, (time_t)(NOW + 6 * 86400));
    uint8_t *der = NULL;
    hold(basic && id && from && until &&
             OCSP_basic_add1_status(basic, id, V_OCSP_CERTSTATUS_GOOD, 0, NULL, from, until) &&
             OCSP_basic_sign(basic, issuer, made.intermediate, NULL, NULL, OCSP_NOCERTS),
         "no OCSP answer");
    int n = i2d_OCSP_RESPDATA((OCSP_RESPDATA *)(uintptr_t)OCSP_resp_get0_respdata(basic), &der);
    keep(&made.tbs[STAPLE], der, n);
    OPENSSL_free(der);
    ASN1_GENERALIZEDTIME_free(from);
    ASN1_GENERALIZEDTIME_free(until);
    OCSP_CERTID_free(id);
    OCSP_BASICRESP_free(basic);
}

/* SignedCertificateTimestampList of one, over the leaf as a certificate (RFC 6962, 3.2 and 3.3). */
static void make_sct(X509 *leaf)
{
    uint8_t *spki = NULL, *der = NULL, id[32], list[256], signed_head[15], base64[256];
    int key = i2d_PUBKEY(made.log, &spki), n = i2d_X509(leaf, &der);
    size_t signature = sizeof list - 49;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    struct wt_buffer over = {0};
    hold(key > 0 && n > 0 && md && EVP_Digest(spki, (size_t)key, id, NULL, EVP_sha256(), NULL), "no log");
    memset(signed_head, 0, sizeof signed_head);
    put32(signed_head + 6, 0x10000000);
    put16(signed_head + 13, (size_t)n); /* of three bytes: the first is 0 */
    hold(wt_buffer_add(&over, signed_head, sizeof signed_head) && wt_buffer_add(&over, der, (size_t)n) &&
             wt_buffer_add(&over, "\0", 2),
         "no memory");
    hold(EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, made.log) &&
             EVP_DigestSign(md, list + 49, &signature, over.p, over.n),
         "no SCT");
    put16(list, 49 + signature);
    put16(list + 2, 47 + signature); /* version(1) id(32) timestamp(8) extensions(2) algorithm(2) signature(2+n) */
    (void)wt_buffer_add(&made.sct, list, 4);
    (void)wt_buffer_add(&made.sct, "\0", 1);
    (void)wt_buffer_add(&made.sct, id, 32);
    (void)wt_buffer_add(&made.sct, signed_head + 2, 8);
    const uint8_t tail[6] = {0, 0, 4, 3, (uint8_t)(signature >> 8), (uint8_t)signature};
    (void)wt_buffer_add(&made.sct, tail, sizeof tail);
    (void)wt_buffer_add(&made.sct, list + 49, signature);
    (void)EVP_EncodeBlock(base64, spki, key);
    (void)wt_buffer_format(&made.log_line, "%s log\n", (const char *)base64);
    EVP_MD_CTX_free(md);
    OPENSSL_free(spki);
    OPENSSL_free(der);
    wt_buffer_free(&over);
}

static void make(void)
{
    uint8_t *der = NULL;
    if (made.root)
        return;
    made.root = key_of(1);
    made.intermediate = key_of(2);
    made.leaf = key_of(3);
    made.log = EVP_EC_gen("P-256");
    X509 *root = issue("fuzz root", made.root, NULL, made.root, true);
    X509 *intermediate = issue("fuzz intermediate", made.intermediate, root, made.root, true);
    X509 *leaf = issue("www.example.com", made.leaf, intermediate, made.intermediate, false);
    int n = i2d_X509(root, &der);
    hold(n > 0 && wt_buffer_add(&made.anchor, der, (size_t)n), "no root");
    OPENSSL_free(der);
    keep_certificate(&made.tbs[LEAF], leaf);
    keep_certificate(&made.tbs[INTERMEDIATE], intermediate);
    make_answer(leaf, intermediate);
    make_sct(leaf);
    X509_free(root);
    X509_free(intermediate);
    X509_free(leaf);
}

/* --- one chain ---------------------------------------------------------------------------------------------------- */

struct shown {
    struct wt_buffer part[PARTS];
    struct wt_buffer more; /* certificates of the input, each behind three bytes of length */
    bool edited[PARTS];
    bool forged[PARTS]; /* what is signed is not what was signed */
};

static void wrap(struct wt_buffer *to, uint8_t tag, const void *bytes, size_t n)
{
    const uint8_t head[4] = {tag, 0x82, (uint8_t)(n >> 8), (uint8_t)n};
    const uint8_t small[3] = {tag, n < 0x80 ? (uint8_t)n : 0x81, (uint8_t)n};
    if (n < 0x100)
        (void)wt_buffer_add(to, small, n < 0x80 ? 2 : 3);
    else
        (void)wt_buffer_add(to, head, sizeof head);
    (void)wt_buffer_add(to, bytes, n);
}

/* SEQUENCE { tbs, algorithm, signature } in place of what the tbs holds; signed is `what`. */
static void sign(struct wt_buffer *part, const struct wt_buffer *what, EVP_PKEY *key)
{
    struct wt_buffer tbs = {0}, inside = {0}, whole = {0};
    uint8_t bits[1 + 64] = {0};
    size_t n = 64;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    wrap(&tbs, 0x30, what->p, what->n);
    hold(md && EVP_DigestSignInit(md, NULL, NULL, NULL, key) && EVP_DigestSign(md, bits + 1, &n, tbs.p, tbs.n),
         "not signed");
    EVP_MD_CTX_free(md);
    wrap(&inside, 0x30, part->p, part->n);
    (void)wt_buffer_add(&inside, ED25519, sizeof ED25519);
    wrap(&inside, 3, bits, sizeof bits);
    wrap(&whole, 0x30, inside.p, inside.n);
    wt_buffer_free(&tbs);
    wt_buffer_free(&inside);
    wt_buffer_free(part);
    *part = whole;
}

/* OCSPResponse { successful, [0] { id-pkix-ocsp-basic, OCTET STRING } } */
static void answer(struct wt_buffer *part)
{
    static const uint8_t basic[] = {6, 9, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1}, successful[] = {10, 1, 0};
    struct wt_buffer bytes = {0}, sequence = {0}, tagged = {0}, inside = {0}, whole = {0};
    (void)wt_buffer_add(&bytes, basic, sizeof basic);
    wrap(&bytes, 4, part->p, part->n);
    wrap(&sequence, 0x30, bytes.p, bytes.n);
    wrap(&tagged, 0xa0, sequence.p, sequence.n);
    (void)wt_buffer_add(&inside, successful, sizeof successful);
    (void)wt_buffer_add(&inside, tagged.p, tagged.n);
    wrap(&whole, 0x30, inside.p, inside.n);
    wt_buffer_free(&bytes);
    wt_buffer_free(&sequence);
    wt_buffer_free(&tagged);
    wt_buffer_free(&inside);
    wt_buffer_free(part);
    *part = whole;
}

static void edit(struct wt_buffer *part, unsigned how, size_t at, struct wt_span bytes, unsigned n)
{
    struct wt_buffer now = {0};
    at = part->n ? at % part->n : 0;
    size_t behind = how == 1 ? at : at + (how == 0 ? bytes.n : n); /* set, put in, left out */
    (void)wt_buffer_add(&now, part->p, at);
    if (how != 2)
        (void)wt_buffer_add(&now, bytes.p, bytes.n);
    if (behind < part->n)
        (void)wt_buffer_add(&now, part->p + behind, part->n - behind);
    wt_buffer_free(part);
    *part = now;
}

/* Edits of what is signed come before it, those of the outer forms behind it. */
static void edits(struct shown *s, bool outer, const uint8_t *data, size_t size)
{
    while (size) {
        unsigned op = take_byte(&data, &size), what = op & 3, how = op >> 2 & 3;
        size_t at = (size_t)take_byte(&data, &size) << 8;
        at |= take_byte(&data, &size);
        unsigned n = take_byte(&data, &size);
        struct wt_span bytes = how == 2 ? (struct wt_span){0} : take(&data, &size, n);
        if (how == 3 || (what == SCTS ? outer : (op >> 4 & 1) != outer) || s->part[what].n > MOST)
            continue;
        edit(&s->part[what], how, at, bytes, n);
        s->edited[what] = true;
        if (outer) /* it may have been mended */
            s->forged[what] = false;
    }
}

static void chain_of(struct shown *s, unsigned how, const uint8_t *data, size_t size)
{
    for (unsigned i = 0; i < PARTS; i++) {
        const struct wt_buffer *from = i == SCTS ? &made.sct : &made.tbs[i];
        (void)wt_buffer_add(&s->part[i], from->p, from->n);
    }
    edits(s, false, data, size);
    for (unsigned i = 0; i < SCTS; i++)
        s->forged[i] =
            !(how & SIGNED_AGAIN) && !wt_span_equal(wt_buffer_span(&s->part[i]), wt_buffer_span(&made.tbs[i]));
    for (unsigned i = 0; i < SCTS; i++)
        sign(&s->part[i], how & SIGNED_AGAIN ? &s->part[i] : &made.tbs[i],
             i == INTERMEDIATE ? made.root : made.intermediate);
    answer(&s->part[STAPLE]);
    edits(s, true, data, size);
}

/* The last certificate goes into the store. */
static void chain_in(struct shown *s, struct wt_trust *trust, const uint8_t *data, size_t size)
{
    unsigned n = take_byte(&data, &size) % 12;
    enum wt_problem_id why;
    for (unsigned i = 0; i < n + 2; i++) {
        size_t length = (size_t)take_byte(&data, &size) << 8;
        length |= take_byte(&data, &size);
        struct wt_span part = take(&data, &size, length);
        const uint8_t head[3] = {0, (uint8_t)(part.n >> 8), (uint8_t)part.n};
        if (i >= n) {
            (void)wt_buffer_add(&s->part[i == n ? STAPLE : SCTS], part.p, part.n);
            continue;
        }
        (void)wt_buffer_add(&s->more, head, sizeof head);
        (void)wt_buffer_add(&s->more, part.p, part.n);
        if (i == n - 1)
            (void)wt_trust_add_ca(trust, part.p, part.n, &why);
    }
    s->edited[LEAF] = s->edited[INTERMEDIATE] = s->edited[STAPLE] = s->edited[SCTS] = true;
}

/* --- on the wire -------------------------------------------------------------------------------------------------- */

static void message(struct wt_stream *stream, unsigned side, uint8_t type, const struct wt_buffer *body)
{
    const uint8_t head[9] = {WT_CONTENT_HANDSHAKE,
                             3,
                             3,
                             (uint8_t)((body->n + 4) >> 8),
                             (uint8_t)(body->n + 4),
                             type,
                             (uint8_t)(body->n >> 16),
                             (uint8_t)(body->n >> 8),
                             (uint8_t)body->n};
    if (body->n + 4 > 0xffff)
        return;
    wt_stream_bytes(stream, side, (struct wt_time){NOW * 1000000000, 9}, head, sizeof head);
    wt_stream_bytes(stream, side, (struct wt_time){NOW * 1000000000, 9}, body->p, body->n);
}

static void hello(struct wt_stream *stream, unsigned side, const struct wt_buffer *extensions)
{
    struct wt_buffer b = {0};
    uint8_t random[34] = {3, 3, (uint8_t)(0xc0 + side)};
    const uint8_t length[2] = {(uint8_t)(extensions->n >> 8), (uint8_t)extensions->n};
    (void)wt_buffer_add(&b, random, sizeof random);
    (void)wt_buffer_add(&b, side ? "\0\xc0\x2f\0" : "\0\0\2\xc0\x2f\1\0", side ? 4 : 7);
    (void)wt_buffer_add(&b, length, 2);
    (void)wt_buffer_add(&b, extensions->p, extensions->n);
    message(stream, side, side ? 2 : 1, &b);
    wt_buffer_free(&b);
}

static void extension(struct wt_buffer *to, uint16_t type, const void *bytes, size_t n)
{
    const uint8_t head[4] = {(uint8_t)(type >> 8), (uint8_t)type, (uint8_t)(n >> 8), (uint8_t)n};
    (void)wt_buffer_add(to, head, sizeof head);
    (void)wt_buffer_add(to, bytes, n);
}

static void certificate(struct wt_buffer *to, const struct wt_buffer *der)
{
    const uint8_t head[3] = {(uint8_t)(der->n >> 16), (uint8_t)(der->n >> 8), (uint8_t)der->n};
    (void)wt_buffer_add(to, head, 3);
    (void)wt_buffer_add(to, der->p, der->n);
}

static void speak(struct wt_stream *stream, const struct shown *s, unsigned how, unsigned number)
{
    static const char name[] = "\0\x12\0\0\x0fwww.example.com";
    struct wt_buffer e = {0}, list = {0}, body = {0};
    extension(&e, 0, name, sizeof name - 1);
    extension(&e, 5, "\1\0\0\0\0", 5);
    extension(&e, 18, "", 0);
    hello(stream, WT_CLIENT, &e);
    e.n = 0;
    if (!(how & NO_STAPLE))
        extension(&e, 5, "", 0);
    if (!(how & NO_SCTS))
        extension(&e, 18, s->part[SCTS].p, s->part[SCTS].n);
    hello(stream, WT_SERVER, &e);
    if (how & RAW) {
        (void)wt_buffer_add(&list, s->more.p, s->more.n);
    } else {
        certificate(&list, &s->part[LEAF]);
        if (!(how & LEFT_OUT))
            certificate(&list, &s->part[INTERMEDIATE]);
    }
    certificate(&body, &list);
    message(stream, WT_SERVER, 11, &body);
    body.n = 0;
    (void)wt_buffer_add(&body, "\1", 1);
    certificate(&body, &s->part[STAPLE]);
    if (!(how & NO_STAPLE))
        message(stream, WT_SERVER, 22, &body);
    const uint8_t alert[7] = {WT_CONTENT_ALERT, 3, 3, 0, 2, 2, (uint8_t)number};
    if (how & ALERT)
        wt_stream_bytes(stream, WT_CLIENT, (struct wt_time){NOW * 1000000000, 9}, alert, sizeof alert);
    wt_stream_close(stream, (struct wt_time){NOW * 1000000000, 9}, false);
    wt_buffer_free(&e);
    wt_buffer_free(&list);
    wt_buffer_free(&body);
}

/* --- what is held ------------------------------------------------------------------------------------------------- */

struct judged {
    struct heard heard; /* first: watch.h's callbacks see this */
    const struct shown *shown;
    unsigned how;
    bool at_once; /* judged at the time of issuing */
};

static void on_judged(void *context, const struct wt_connection *c)
{
    const struct judged *k = context;
    const struct shown *s = k->shown;
    bool whole = !(k->how & (UNTRUSTED | RAW | LEFT_OUT)) && k->at_once && !s->edited[LEAF] && !s->edited[INTERMEDIATE];
    if (whole) {
        hold(c->proofs[WT_PROOF_CHAIN].result == WT_PROOF_OK, "a good chain that is not");
        hold(c->proofs[WT_PROOF_HOST_NAME].result == WT_PROOF_OK, "a name that is there");
        hold(k->how & NO_STAPLE || s->edited[STAPLE] ||
                 (c->ocsp.status == WT_OCSP_GOOD && c->ocsp.verified.result == WT_PROOF_OK),
             "a good answer that is not");
        hold(k->how & NO_SCTS || s->edited[SCTS] || (c->scts.extension == 1 && c->scts.verified == 1),
             "a good SCT that is not");
    }
    hold(!(s->forged[LEAF] || (s->forged[INTERMEDIATE] && !(k->how & LEFT_OUT))) ||
             c->proofs[WT_PROOF_CHAIN].result != WT_PROOF_OK,
         "a forged certificate that is trusted");
    hold(!s->forged[STAPLE] || c->ocsp.verified.result != WT_PROOF_OK, "a forged answer that is taken");
    hold(c->scts.verified + c->scts.bad + c->scts.unknown_log <= c->scts.certificate + c->scts.extension + c->scts.ocsp,
         "more SCTs judged than there were");
    hold(k->how & RAW || !(k->how & UNTRUSTED) || c->proofs[WT_PROOF_CHAIN].result != WT_PROOF_OK,
         "trusted without a root");
    on_connection(&((struct judged *)context)->heard, c);
}

static void judge(const struct wt_trust *trust, const struct shown *s, unsigned how, unsigned number)
{
    static const struct wt_address client = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 1}, 40000},
                                   server = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 80}, 443};
    struct judged k = {.heard = {.last_stream = -1, .brief = number & 1},
                       .shown = s,
                       .how = how,
                       .at_once = number < 6 || how & ALERT};
    const struct wt_observer_options options = {
        .size = sizeof options, .connection = on_judged, .context = &k, .trust = trust, .keep_messages = number & 2};
    struct wt_observer *o = wt_observer_new(&options, NULL);
    if (!o)
        return;
    wt_observer_file(o, "capture");
    struct wt_stream *stream = wt_observer_stream(o, &client, &server);
    if (stream)
        speak(stream, s, how, number);
    wt_observer_finish(o);
    hold(k.heard.told == 1, "not told");
    check_summary(o, &k.heard);
    wt_observer_free(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct shown s = {.edited = {false}};
    struct wt_trust *trust = size >= 2 ? wt_trust_new() : NULL;
    enum wt_problem_id why;
    if (!trust)
        return 0;
    make();
    unsigned how = data[0], number = data[1];
    wt_trust_without_system(trust);
    hold(how & UNTRUSTED || wt_trust_add_ca(trust, made.anchor.p, made.anchor.n, &why), "no root");
    hold(wt_trust_add_logs(trust, made.log_line.p, made.log_line.n, &why), "no log");
    if (!(how & ALERT) && number)
        wt_trust_set_time(trust, NOW + (int64_t)number * 86400);
    if (how & RAW)
        chain_in(&s, trust, data + 2, size - 2);
    else
        chain_of(&s, how, data + 2, size - 2);
    if (how & GIVEN && !(how & RAW))
        (void)wt_trust_add_untrusted(trust, s.part[INTERMEDIATE].p, s.part[INTERMEDIATE].n, &why);
    judge(trust, &s, how, number);
    for (unsigned i = 0; i < PARTS; i++)
        wt_buffer_free(&s.part[i]);
    wt_buffer_free(&s.more);
    wt_trust_free(trust);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    const bool raw = size && data[0] & RAW;
    return mutate_tls_after(data, size, most, 3, raw ? SHAPE_DERS : SHAPE_BYTES, seed);
}
