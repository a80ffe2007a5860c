/* Both sides of a connection of DTLS with connection ids, played by one program. It prints what dtls_played.py makes a
 * capture of, a line each: `client HEX` and `server HEX` are datagrams in their order, `moved HEX` is one of the
 * client's from another port, `keylog` a line of a key log.
 *
 *     dtls_peer 13    DTLS 1.3 with a PSK: fragments, ACK, KeyUpdate, NewConnectionId and RequestConnectionId, all
 * forms of the header, close_notify dtls_peer 12    DTLS 1.2 with a PSK: records of tls12_cid
 *
 * Secrets are made up; the two Finished messages prove what was said. */
#include "../observer/dtls/sealed.h"

#include "keys/schedule.h"

enum { SUITE13 = 0x1301, SUITE12 = 0x00a8, RANDOM = 0x43, DIGEST = 32 };

static const uint8_t ids[2][4] = {{0xc1, 0xc2, 0xc3, 0xc4}, {0x51, 0x52, 0x53, 0x54}};
static const struct wt_span none;

static struct {
    struct wt_crypto *crypto;
    struct wt_buffer out, messages, room;
    uint64_t sequence[2][8]; /* by side and epoch */
    uint16_t message_seq[2];
    bool is_13;
} g;

static void line(const char *what, struct wt_span bytes)
{
    printf("%s ", what);
    for (size_t i = 0; i < bytes.n; i++)
        printf("%02x", bytes.p[i]);
    printf("\n");
}

/* The datagram goes out. */
static void send(const char *what)
{
    line(what, wt_buffer_span(&g.out));
    g.out.n = 0;
}

static void sends(unsigned from)
{
    send(from == WT_CLIENT ? "client" : "server");
}

/* RFC 9146, 3: records carry the id that their receiver has chosen. */
static struct wt_span id_for(unsigned from)
{
    return wt_span_of(ids[!from], sizeof ids[0]);
}

static void put_record(unsigned from, uint64_t epoch, uint8_t type, struct wt_span content, bool bare)
{
    const uint64_t sequence = g.sequence[from][epoch]++;
    const struct layout layout = {.cid = bare ? none : id_for(from), .one_byte = bare};
    if (!epoch)
        record(&g.out, type, WT_DTLS12, 0, sequence, content);
    else if (g.is_13)
        seal13(&g.out, from, epoch, sequence, type, content, layout);
    else
        seal12(&g.out, SUITE12, from, type, (uint16_t)epoch, sequence, content, id_for(from));
}

/* In `parts` fragments, each in a record of its own. What the Finished messages cover has the header of TLS in 1.3 (RFC
 * 9147, 5.2), in 1.2 that of DTLS (RFC 6347, 4.2.6). */
static void say(unsigned from, uint64_t epoch, uint8_t type, struct wt_span body, size_t parts)
{
    const uint8_t header[4] = {type, (uint8_t)(body.n >> 16), (uint8_t)(body.n >> 8), (uint8_t)body.n};
    const size_t each = (body.n + parts - 1) / parts;
    if (g.is_13) {
        assert_true(wt_buffer_add(&g.messages, header, sizeof header));
        assert_true(!body.n || wt_buffer_add(&g.messages, body.p, body.n));
    } else {
        fragment(&g.messages, type, g.message_seq[from], body, 0, body.n);
    }
    for (size_t i = 0; i < parts; i++) {
        struct wt_buffer content = {0};
        const size_t left = body.n - i * each;
        fragment(&content, type, g.message_seq[from], body, i * each, left < each ? left : each);
        put_record(from, epoch, WT_CONTENT_HANDSHAKE, wt_buffer_span(&content), false);
        wt_buffer_free(&content);
    }
    g.message_seq[from]++;
}

static void say_finished(unsigned from)
{
    uint8_t hash[DIGEST], secret[SECRET_MOST], proof[DIGEST + 4], master[WT_MASTER];
    struct wt_schedule schedule;
    struct wt_terms terms;
    size_t n = DIGEST;
    assert_int_equal(wt_digest(g.crypto, WT_HASH_SHA256, wt_buffer_span(&g.messages), hash), DIGEST);
    if (g.is_13) {
        secret13(from, 2, secret);
        assert_true(wt_schedule_start(&schedule, g.crypto, WT_HASH_SHA256, WT_DTLS13, NULL));
        assert_true(wt_verify_data13(&schedule, wt_span_of(secret, DIGEST), wt_span_of(hash, DIGEST), proof));
    } else {
        memset(master, MASTER12, sizeof master);
        terms12(&terms, g.crypto, SUITE12);
        terms.version = WT_TLS12;
        n = wt_verify_data_of(&terms, master, from, wt_span_of(hash, DIGEST), proof);
    }
    say(from, g.is_13 ? 2 : 1, WT_HANDSHAKE_FINISHED, wt_span_of(proof, n), 1);
}

static void data(unsigned from, uint64_t epoch, const char *text)
{
    put_record(from, epoch, WT_CONTENT_APPLICATION_DATA, wt_span_text(text), false);
}

static void add(const void *p, size_t n)
{
    assert_true(wt_buffer_add(&g.room, p, n));
}

/* A hello up to its extensions, whose length is still to come: two bytes of 0 at the returned place. */
static size_t begin_hello(unsigned from, uint16_t suite)
{
    uint8_t random[32];
    const uint8_t code[2] = {(uint8_t)(suite >> 8), (uint8_t)suite};
    memset(random, from == WT_CLIENT ? RANDOM : 0x53, sizeof random);
    g.room.n = 0;
    add("\xfe\xfd", 2);
    add(random, sizeof random);
    add("\0\0\0\2", from == WT_CLIENT ? 4 : 1); /* session_id, cookie, length of the suites; the server has the first */
    add(code, 2);
    add("\1\0", from == WT_CLIENT ? 2 : 1);
    if (from == WT_SERVER)
        g.room.p[g.room.n - 1] = 0; /* compression_method */
    add("\0\0", 2);
    const uint8_t cid[] = {0, 54, 0, 5, 4};
    add(cid, sizeof cid);
    add(ids[from], sizeof ids[0]);
    return g.room.n - sizeof cid - sizeof ids[0] - 2;
}

static struct wt_span end_hello(size_t at)
{
    const size_t n = g.room.n - at - 2;
    g.room.p[at] = (uint8_t)(n >> 8);
    g.room.p[at + 1] = (uint8_t)n;
    return wt_buffer_span(&g.room);
}

/* --- DTLS 1.3 ----------------------------------------------------------------------------------------------------- */

static void hellos13_with_psk(void)
{
    static const uint8_t offered[] = {0, 43, 0, 3, 2, 0xfe, 0xfc, 0, 45, 0, 2, 1, 0};
    static const uint8_t psk[] = {0, 41, 0, 47, 0, 10, 0, 4, 't', 'e', 's', 't', 0, 0, 0, 0, 0, 33, 32};
    static const uint8_t chosen[] = {0, 43, 0, 2, 0xfe, 0xfc, 0, 41, 0, 2, 0, 0}, binder[32] = {0xb1};
    size_t at = begin_hello(WT_CLIENT, SUITE13);
    add(offered, sizeof offered);
    add(psk, sizeof psk);
    add(binder, sizeof binder);
    say(WT_CLIENT, 0, WT_HANDSHAKE_CLIENT_HELLO, end_hello(at), 1);
    sends(WT_CLIENT);
    at = begin_hello(WT_SERVER, SUITE13);
    add(chosen, sizeof chosen);
    say(WT_SERVER, 0, WT_HANDSHAKE_SERVER_HELLO, end_hello(at), 1);
    sends(WT_SERVER);
}

/* Of the newest records of an epoch, which the other side has sent. */
static void acknowledge(unsigned from, uint64_t own_epoch, uint64_t epoch, unsigned count)
{
    uint8_t ack[2 + 16 * 4] = {0, (uint8_t)(16 * count)};
    for (unsigned i = 0; i < count; i++) {
        ack[2 + 16 * i + 7] = (uint8_t)epoch;
        ack[2 + 16 * i + 15] = (uint8_t)(g.sequence[!from][epoch] - count + i);
    }
    put_record(from, own_epoch, WT_CONTENT_ACK, wt_span_of(ack, 2 + 16 * count), false);
}

static void play13(void)
{
    static const uint8_t more_ids[] = {0, 5, 4, 0x61, 0x62, 0x63, 0x64, 1}, close[] = {1, 0};
    uint8_t ticket[4 + 4 + 1 + 1 + 2 + 64 + 2] = {0, 0, 14, 16, 1, 2, 3, 4, 1, 7, 0, 64};
    g.is_13 = true;
    hellos13_with_psk();
    say(WT_SERVER, 2, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, wt_span_of("\0\0", 2), 1);
    say_finished(WT_SERVER);
    sends(WT_SERVER);
    say_finished(WT_CLIENT);
    data(WT_CLIENT, 3, "first words of the client\n");
    sends(WT_CLIENT);
    acknowledge(WT_SERVER, 3, 2, 1);
    say(WT_SERVER, 3, WT_HANDSHAKE_NEW_SESSION_TICKET, wt_span_of(ticket, sizeof ticket), 3);
    sends(WT_SERVER);
    acknowledge(WT_CLIENT, 3, 3, 3);
    sends(WT_CLIENT);
    data(WT_SERVER, 3, "and of the server\n");
    sends(WT_SERVER);
    say(WT_CLIENT, 3, WT_HANDSHAKE_KEY_UPDATE, wt_span_of("\0", 1), 1);
    say(WT_CLIENT, 3, WT_HANDSHAKE_REQUEST_CONNECTION_ID, wt_span_of("\1", 1), 1);
    sends(WT_CLIENT);
    acknowledge(WT_SERVER, 3, 3, 2);
    say(WT_SERVER, 3, WT_HANDSHAKE_NEW_CONNECTION_ID, wt_span_of(more_ids, sizeof more_ids), 1);
    sends(WT_SERVER);
    acknowledge(WT_CLIENT, 4, 3, 1);
    sends(WT_CLIENT);
    data(WT_CLIENT, 4, "from another port, under new keys\n");
    send("moved");
    put_record(WT_SERVER, 3, WT_CONTENT_ALERT, wt_span_of(close, 2), false);
    sends(WT_SERVER);
    put_record(WT_CLIENT, 4, WT_CONTENT_ALERT, wt_span_of(close, 2), false);
    send("moved");
}

/* --- DTLS 1.2 ----------------------------------------------------------------------------------------------------- */

static void changes(unsigned from)
{
    put_record(from, 0, WT_CONTENT_CHANGE_CIPHER_SPEC, wt_span_of("\1", 1), false);
}

static void play12(void)
{
    static const uint8_t identity[] = {0, 4, 't', 'e', 's', 't'}, close[] = {1, 0};
    say(WT_CLIENT, 0, WT_HANDSHAKE_CLIENT_HELLO, end_hello(begin_hello(WT_CLIENT, SUITE12)), 1);
    sends(WT_CLIENT);
    say(WT_SERVER, 0, WT_HANDSHAKE_SERVER_HELLO, end_hello(begin_hello(WT_SERVER, SUITE12)), 2);
    say(WT_SERVER, 0, WT_HANDSHAKE_SERVER_HELLO_DONE, none, 1);
    sends(WT_SERVER);
    say(WT_CLIENT, 0, WT_HANDSHAKE_CLIENT_KEY_EXCHANGE, wt_span_of(identity, sizeof identity), 1);
    changes(WT_CLIENT);
    say_finished(WT_CLIENT);
    sends(WT_CLIENT);
    changes(WT_SERVER);
    say_finished(WT_SERVER);
    sends(WT_SERVER);
    data(WT_CLIENT, 1, "first words of the client\n");
    sends(WT_CLIENT);
    data(WT_SERVER, 1, "and of the server\n");
    sends(WT_SERVER);
    data(WT_CLIENT, 1, "from another port\n");
    send("moved");
    put_record(WT_SERVER, 1, WT_CONTENT_ALERT, wt_span_of(close, 2), false);
    sends(WT_SERVER);
    put_record(WT_CLIENT, 1, WT_CONTENT_ALERT, wt_span_of(close, 2), false);
    send("moved");
}

static void print_keylog(const char *text)
{
    for (const char *end; *text; text = *end ? end + 1 : end) {
        end = strchr(text, '\n');
        end = end ? end : text + strlen(text);
        printf("keylog %.*s\n", (int)(end - text), text);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2 || (strcmp(argv[1], "12") != 0 && strcmp(argv[1], "13") != 0))
        return 2;
    if (!(g.crypto = wt_crypto_new()))
        return 1;
    suite13(SUITE13);
    if (strcmp(argv[1], "13") == 0) {
        play13();
        print_keylog(keylog13(RANDOM));
    } else {
        play12();
        print_keylog(keylog12());
    }
    wt_crypto_free(g.crypto);
    wt_buffer_free(&g.out);
    wt_buffer_free(&g.messages);
    wt_buffer_free(&g.room);
    return 0;
}
