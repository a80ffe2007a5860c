/* Captures of what no program of a distribution does, for tests/failures: QUIC connections packet by packet, sealed by
 * our own functions, with signatures and Finished as they must be.
 *
 *     quic_captures NAME PKI FILE    writes FILE (pcap) and FILE.keys; PKI is a folder with p256.key, p256.chain.pem
 *
 * Only the key exchange leads nowhere: the secrets are drawn, and no more than the two sides could tell. */
#include "wire.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <time.h>

static const struct how plain;
static FILE *capture;
static const char *pki;

static void need(bool so, const char *what)
{
    if (so)
        return;
    (void)fprintf(stderr, "quic_captures: %s\n", what);
    exit(1);
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

static void put32(uint32_t number)
{
    need(fwrite(&number, sizeof number, 1, capture) == 1, "cannot write");
}

static void begin_file(const char *path)
{
    const uint32_t nanoseconds = 0xa1b23c4d, versions = 4u << 16 | 2u, most = 262144;
    const uint32_t head[] = {nanoseconds, versions, 0, 0, most, RAW};
    capture = fopen(path, "wb");
    need(capture, path);
    need(fwrite(head, sizeof head, 1, capture) == 1, "cannot write");
}

static void write_packet(const struct wt_packet *p)
{
    const int64_t second = 1000000000;
    put32((uint32_t)(p->time.ns / second));
    put32((uint32_t)(p->time.ns % second));
    put32(p->length);
    put32(p->original);
    need(fwrite(p->data, p->length, 1, capture) == 1, "cannot write");
}

static void write_line(FILE *f, const char *label, const uint8_t *secret)
{
    (void)fprintf(f, "%s ", label);
    for (unsigned i = 0; i < 32; i++)
        (void)fprintf(f, "%02x", random_of_client[i]);
    (void)fprintf(f, " ");
    for (unsigned i = 0; i < SECRET; i++)
        (void)fprintf(f, "%02x", secret[i]);
    (void)fprintf(f, "\n");
}

static void write_keys(const char *path)
{
    char name[4096];
    (void)snprintf(name, sizeof name, "%s.keys", path);
    FILE *f = fopen(name, "w");
    need(f, name);
    write_line(f, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", secrets[WT_LEVEL_HANDSHAKE][WT_CLIENT]);
    write_line(f, "SERVER_HANDSHAKE_TRAFFIC_SECRET", secrets[WT_LEVEL_HANDSHAKE][WT_SERVER]);
    write_line(f, "CLIENT_TRAFFIC_SECRET_0", secrets[WT_LEVEL_1RTT][WT_CLIENT]);
    write_line(f, "SERVER_TRAFFIC_SECRET_0", secrets[WT_LEVEL_1RTT][WT_SERVER]);
    need(fclose(f) == 0, "cannot write");
}

static void draw(void)
{
    need(RAND_bytes(random_of_client, sizeof random_of_client) == 1, "RAND_bytes");
    need(RAND_bytes(first_id, (int)first_id_length) == 1, "RAND_bytes");
    for (unsigned side = 0; side < 2; side++)
        need(RAND_bytes(ends[side].id, (int)ends[side].id_length) == 1, "RAND_bytes");
    for (unsigned level = 0; level < WT_LEVEL_COUNT; level++)
        for (unsigned side = 0; side < 2; side++)
            need(RAND_bytes(secrets[level][side], SECRET) == 1, "RAND_bytes");
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

/* Of the hellos and of what is made of the flight. */
static void hash_so_far(uint8_t out[WT_DIGEST_MOST])
{
    struct wt_hash *hash = wt_hash_new(o->crypto, WT_HASH_SHA256);
    need(hash, "no SHA-256");
    for (unsigned i = 0; i < SAIDS; i++)
        wt_hash_add(hash, wt_span_of(said[i].p, said[i].n));
    (void)wt_hash_end(hash, out);
    wt_hash_free(hash);
}

static void add_certificates(struct wt_writer *w)
{
    char name[4096];
    X509 *x;
    (void)snprintf(name, sizeof name, "%s/p256.chain.pem", pki);
    FILE *f = fopen(name, "r");
    need(f, name);
    wt_write_u8(w, WT_HANDSHAKE_CERTIFICATE);
    const size_t body = wt_write_open(w, 3);
    wt_write_u8(w, 0);
    const size_t list = wt_write_open(w, 3);
    while ((x = PEM_read_X509(f, NULL, NULL, NULL))) {
        uint8_t *der = NULL;
        const int n = i2d_X509(x, &der);
        need(n > 0, "i2d_X509");
        wt_write_opaque(w, wt_span_of(der, (size_t)n), 3, 0, 0xffffff, "cert_data");
        wt_write_u16(w, 0);
        OPENSSL_free(der);
        X509_free(x);
    }
    (void)fclose(f);
    wt_write_close(w, list, 3, 0, 0xffffff, "certificate_list");
    wt_write_close(w, body, 3, 0, 0xffffff, "body");
}

static void add_verify(struct wt_writer *w)
{
    char name[4096];
    uint8_t hash[WT_DIGEST_MOST], content[WT_SIGNED13_MOST], signature[256];
    size_t n = sizeof signature;
    (void)snprintf(name, sizeof name, "%s/p256.key", pki);
    FILE *f = fopen(name, "r");
    need(f, name);
    EVP_PKEY *key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
    (void)fclose(f);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    hash_so_far(hash);
    const size_t length = wt_signed13(WT_SERVER, wt_span_of(hash, 32), content);
    need(key && context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
             EVP_DigestSign(context, signature, &n, content, length) == 1,
         "cannot sign");
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    wt_write_u8(w, WT_HANDSHAKE_CERTIFICATE_VERIFY);
    const size_t body = wt_write_open(w, 3);
    wt_write_u16(w, 0x0403); /* ecdsa_secp256r1_sha256 */
    wt_write_opaque(w, wt_span_of(signature, n), 2, 0, 65535, "signature");
    wt_write_close(w, body, 3, 0, 0xffffff, "body");
}

/* What `server_flight()` begins with, and then what makes it whole; each is said before the next is made. */
static size_t whole_flight(uint8_t *out, size_t size, const struct parameters *p)
{
    enum { FINISHED = 36 };
    struct wt_writer w = wt_writer_start(out, size);
    w.n = server_flight(out, size, p) - FINISHED;
    add_certificates(&w);
    say(SAID_FLIGHT, out, w.n);
    add_verify(&w);
    say(SAID_FLIGHT, out, w.n);
    put_finished(&w, WT_SERVER, w.n);
    say(SAID_FLIGHT, out, w.n);
    return w.n;
}

/* --- datagrams ---------------------------------------------------------------------------------------------------- */

/* RFC 9000, 14.1: 1,200 bytes. */
static void send_hello(struct wt_span token, uint8_t variant)
{
    enum { OVERHEAD = 51 };
    uint8_t hello[1024], frames[1200];
    const struct how how = {.to = first_id, .to_length = first_id_length, .token = token};
    const size_t n = client_hello(hello, sizeof hello, variant);
    size_t at = put_crypto(frames, sizeof frames, 0, wt_span_of(hello, n));
    memset(frames + at, 0, sizeof frames - at);
    send_sealed(WT_CLIENT, WT_QUIC_INITIAL, &how, wt_span_of(frames, sizeof frames - OVERHEAD - token.n));
}

static void send_flight(const struct parameters *p)
{
    enum { PART = 1100 };
    uint8_t hello[1024], flight[8000], frames[1300];
    const size_t n = server_hello(hello, sizeof hello);
    size_t at = put_crypto(frames, sizeof frames, 0, wt_span_of(hello, n));
    memset(frames + at, 0, sizeof frames - at);
    now += 20000000;
    send_sealed(WT_SERVER, WT_QUIC_INITIAL, &plain, wt_span_of(frames, 1149));
    const size_t size = whole_flight(flight, sizeof flight, p);
    for (at = 0; at < size; at += PART)
        send_crypto(WT_SERVER, WT_QUIC_HANDSHAKE, &plain, at,
                    wt_span_of(flight + at, size - at < PART ? size - at : PART));
}

static void send_frame_of(unsigned from, enum wt_quic_packet type, const struct wt_quic_frame *f)
{
    uint8_t frames[512];
    struct wt_writer w = wt_writer_start(frames, sizeof frames);
    wt_quic_frame_write(&w, f);
    send_sealed(from, type, &plain, wt_span_of(frames, w.n));
}

static void send_finished(void)
{
    now += 20000000;
    client_finishes();
}

static void confirm(void)
{
    const struct wt_quic_frame done = {.kind = WT_FRAME_HANDSHAKE_DONE, .type = 0x1e};
    now += 20000000;
    send_frame_of(WT_SERVER, WT_QUIC_1RTT, &done);
}

static void talk(void)
{
    now += 20000000;
    say_data(WT_CLIENT, &plain, 0, 40);
    now += 20000000;
    say_data(WT_SERVER, &plain, 0, 400);
}

static void close_by(unsigned from, enum wt_quic_packet type, uint64_t code, uint64_t frame_type)
{
    const bool application = code == 0x100;
    const struct wt_quic_frame f = {.kind = application ? WT_FRAME_APPLICATION_CLOSE : WT_FRAME_CONNECTION_CLOSE,
                                    .type = application ? 0x1d : 0x1c,
                                    .error_code = code,
                                    .frame_type = frame_type};
    now += 20000000;
    send_frame_of(from, type, &f);
}

static void come_up(void)
{
    const struct parameters p = right_parameters();
    send_hello((struct wt_span){0}, 0);
    send_flight(&p);
    send_finished();
    confirm();
    talk();
}

/* --- what there is ------------------------------------------------------------------------------------------------ */

static void retry_packet(void)
{
    uint8_t retry[128], tag[WT_QUIC_TAG];
    struct wt_writer w = wt_writer_start(retry, sizeof retry);
    wt_write_u8(&w, 0xf0);
    wt_write_u32(&w, version);
    wt_write_opaque(&w, wt_span_of(ends[WT_CLIENT].id, ends[WT_CLIENT].id_length), 1, 0, 20, "dcid");
    wt_write_opaque(&w, wt_span_text("retry-id"), 1, 0, 20, "scid");
    wt_write_bytes(&w, wt_span_text("a token of the server's"));
    need(wt_quic_retry_tag(o->crypto, wt_quic_version_find(version), wt_span_of(first_id, first_id_length),
                           wt_span_of(retry, w.n), tag),
         "no tag");
    wt_write_bytes(&w, wt_span_of(tag, sizeof tag));
    now += 20000000;
    send_datagram(WT_SERVER, retry, w.n);
}

/* RFC 9000, 17.2.5.3. */
static void after_retry(uint8_t variant)
{
    uint8_t original[8];
    struct parameters p = right_parameters();
    memcpy(original, first_id, sizeof original);
    send_hello((struct wt_span){0}, 0);
    retry_packet();
    memcpy(first_id, "retry-id", 8);
    p.original = wt_span_of(original, sizeof original);
    p.retry = wt_span_text("retry-id");
    now += 20000000;
    send_hello(wt_span_text("a token of the server's"), variant);
    send_flight(&p);
    send_finished();
    confirm();
    talk();
    close_by(WT_CLIENT, WT_QUIC_1RTT, 0x100, 0);
}

static void hello_changed(void)
{
    after_retry(1);
}

static void hello_same(void)
{
    after_retry(0);
}

/* RFC 9000, 7.3: as after a Retry that somebody else has sent. */
static void id_mismatch(void)
{
    struct parameters p = right_parameters();
    p.original = wt_span_text("another!");
    send_hello((struct wt_span){0}, 0);
    send_flight(&p);
    close_by(WT_CLIENT, WT_QUIC_HANDSHAKE, WT_QUIC_TRANSPORT_PARAMETER_ERROR, 0x06);
}

/* 19.20: a client says HANDSHAKE_DONE. */
static void violation(void)
{
    const struct wt_quic_frame done = {.kind = WT_FRAME_HANDSHAKE_DONE, .type = 0x1e};
    come_up();
    send_frame_of(WT_CLIENT, WT_QUIC_1RTT, &done);
    close_by(WT_SERVER, WT_QUIC_1RTT, WT_QUIC_PROTOCOL_VIOLATION, 0x1e);
}

/* 12.4: a STREAM frame in a Handshake packet. */
static void violation_early(void)
{
    static const uint8_t data[] = "GET / of an impatient client";
    const struct parameters p = right_parameters();
    const struct wt_quic_frame stream = {
        .kind = WT_FRAME_STREAM, .type = 0x0a, .data = wt_span_of(data, sizeof data - 1)};
    send_hello((struct wt_span){0}, 0);
    send_flight(&p);
    now += 20000000;
    send_frame_of(WT_CLIENT, WT_QUIC_HANDSHAKE, &stream);
    close_by(WT_SERVER, WT_QUIC_HANDSHAKE, WT_QUIC_PROTOCOL_VIOLATION, 0x08);
}

/* RFC 9001, 8.3: an EndOfEarlyData in place of the Finished. */
static void end_of_early_data(void)
{
    static const uint8_t message[] = {WT_HANDSHAKE_END_OF_EARLY_DATA, 0, 0, 0};
    const struct parameters p = right_parameters();
    send_hello((struct wt_span){0}, 0);
    send_flight(&p);
    now += 20000000;
    send_crypto(WT_CLIENT, WT_QUIC_HANDSHAKE, &plain, 0, wt_span_of(message, sizeof message));
    close_by(WT_SERVER, WT_QUIC_HANDSHAKE, WT_QUIC_CRYPTO_ERROR + 10, 0x06);
}

/* 10.3: a token that nobody gave is no reset. */
static void reset_unknown(void)
{
    uint8_t reset[43];
    come_up();
    need(RAND_bytes(reset, sizeof reset) == 1, "RAND_bytes");
    reset[0] = (uint8_t)(0x40 | (reset[0] & 0x3f));
    now += 20000000;
    say_data(WT_CLIENT, &plain, 40, 40);
    send_datagram(WT_SERVER, reset, sizeof reset);
    now += 20000000;
    say_data(WT_SERVER, &plain, 400, 40);
    close_by(WT_CLIENT, WT_QUIC_1RTT, 0x100, 0);
}

static const struct {
    const char *name;
    void (*play)(void);
} all[] = {{"hello-changed", hello_changed},         {"hello-same", hello_same}, {"id-mismatch", id_mismatch},

           {"end-of-early-data", end_of_early_data}, {"violation", violation},   {"violation-early", violation_early},
           {"reset-unknown", reset_unknown}};

int main(int argc, char **argv)
{
    size_t i = 0;
    while (argc == 4 && i < sizeof all / sizeof *all && strcmp(all[i].name, argv[1]) != 0)
        i++;
    if (argc != 4 || i == sizeof all / sizeof *all) {
        (void)fprintf(stderr, "Usage: quic_captures NAME PKI FILE\n");
        return 2;
    }
    observe(false);
    instead = write_packet;
    server_name = "www.example.com";
    pki = argv[2];
    now = (int64_t)time(NULL) * 1000000000;
    draw();
    begin_file(argv[3]);
    all[i].play();
    write_keys(argv[3]);
    need(fclose(capture) == 0, "cannot write");
    wt_observer_free(o);
    return 0;
}
