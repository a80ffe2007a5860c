/* The observer with keys: whatever they open, and whatever they do not.
 *
 * Bit 0 of the first byte chooses where the records come from, bit 1 whether they come as TCP segments; the others
 * and the second byte choose the options.
 *
 *   0  a key log's text, which ends with a zero byte, then steps as fuzz_observer has them
 *   1  the suite (two bytes); a ClientHello's and a ServerHello's extensions, each behind a length byte; then steps,
 *      which are sealed here under the secrets that the log holds: how (who, under which keys, whether the keys change
 *      before it, whether a bit of it is flipped), a content type, a length, so many bytes
 *
 * Held to, beyond what watch.h holds: what is handed on is what is counted, the end comes once, a key log's lines are
 * such as a store takes, proofs that are bad have a finding. */
#include "base/buffer.h"
#include "carriage/record_protector.h"
#include "keys/key_block.h"
#include "keys/keylog.h"
#include "keys/prf.h"
#include "keys/schedule.h"
#include "keys/store.h"
#include "watch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- what is opened -------------------------------------------------------------------------------------------------
 */

struct spoken {
    struct heard heard; /* first: watch.h's callbacks see this */
    uint64_t bytes[2];
    uint32_t stream;
    bool ended, any;
};

static void on_plaintext(void *context, const struct wt_plaintext *piece)
{
    struct spoken *s = context;
    if (!s->any || s->stream != piece->stream)
        s->bytes[0] = s->bytes[1] = s->ended = 0;
    s->any = true;
    s->stream = piece->stream;
    hold(!s->ended, "text behind the end");
    hold(piece->from <= WT_SERVER && (piece->end ? piece->bytes.n == 0 : piece->bytes.n > 0), "a piece of nothing");
    uint8_t sum = 0;
    for (size_t i = 0; i < piece->bytes.n; i++)
        sum ^= piece->bytes.p[i];
    s->bytes[piece->from] += piece->bytes.n + (sum & 0);
    s->ended = piece->end;
}

static void on_fault(void *context, const struct wt_keys_fault *fault)
{
    (void)context;
    (void)fault;
    hold(false, "a line of a key log of our own that no store takes");
}

static void check_log(const char *text)
{
    struct wt_keys *keys = wt_keys_new(on_fault, NULL);
    struct wt_keys_log *log = keys ? wt_keys_log_open(keys, "own", false) : NULL;
    if (log) {
        wt_keys_log_feed(log, text, strlen(text));
        wt_keys_log_close(log);
    }
    wt_keys_free(keys);
}

static bool has_finding(const struct wt_connection *c, const char *begins)
{
    for (size_t i = 0; i < c->finding_count; i++)
        if (strncmp(c->findings[i].id, begins, strlen(begins)) == 0)
            return true;
    return c->finding_count == WT_LIMIT_FINDINGS;
}

static void on_spoken(void *context, const struct wt_connection *c)
{
    static const char *const ids[WT_PROOF_COUNT] = {
        "signature-mismatch", "signature-mismatch", "finished-mismatch",        "finished-mismatch",
        "psk-mismatch",       "certificate-",       "certificate-host-mismatch"};
    struct spoken *s = context;
    if (s->any && s->stream == c->stream && s->ended)
        hold(s->bytes[0] == c->plaintext[0].bytes && s->bytes[1] == c->plaintext[1].bytes,
             "what was handed on is not what was counted");
    for (unsigned i = 0; i < WT_PROOF_COUNT; i++) {
        hold(c->proofs[i].result <= WT_PROOF_UNKNOWN, "a verdict that is none");
        hold((c->proofs[i].reason != NULL) == (c->proofs[i].result >= WT_PROOF_BAD), "a verdict without its reason");
        hold(c->proofs[i].result != WT_PROOF_BAD || has_finding(c, ids[i]), "a bad proof without its finding");
    }
    hold(!c->not_decrypted || *c->not_decrypted, "no words for why");
    hold(c->derivation_count + c->record_step_count <= WT_LIMIT_STEPS, "steps over their limit");
    if (c->key_log)
        check_log(c->key_log);
    on_connection(&s->heard, c);
}

/* --- what is sealed -------------------------------------------------------------------------------------------------
 */

enum { EARLY, HANDSHAKE, TRAFFIC, EPOCHS };

struct sealer {
    struct wt_crypto *crypto;
    const struct wt_suite *suite;
    struct wt_record_protector *by[2][EPOCHS];
    uint8_t secret[2][EPOCHS][WT_DIGEST_MOST];
    struct wt_key_block block;
    bool tls13, has_block;
    uint16_t flags; /* RFC 7366 and the like, as the ServerHello says */
};

static const uint8_t randoms[2][32] = {{0xc1, 0xc2, 0xc3}, {0x51, 0x52, 0x53}};
static const uint8_t master[WT_MASTER] = {0x3a};

static void add_line(struct wt_keys_log *log, enum wt_label label, const uint8_t *secret, size_t n)
{
    struct wt_buffer line = {0};
    (void)wt_buffer_format(&line, "%s ", wt_label_name(label));
    (void)wt_buffer_add_hex(&line, wt_span_of(randoms[WT_CLIENT], 32));
    (void)wt_buffer_add_char(&line, ' ');
    (void)wt_buffer_add_hex(&line, wt_span_of(secret, n));
    (void)wt_buffer_add_char(&line, '\n');
    wt_keys_log_feed(log, line.p, line.n);
    wt_buffer_free(&line);
}

/* The log's secrets: those of TLS 1.3 as long as the suite's hash; bits of `which` leave some out. */
static void add_log(struct sealer *s, struct wt_keys *keys, unsigned which)
{
    static const uint8_t labels[2][EPOCHS] = {
        {WT_LABEL_EARLY_TRAFFIC, WT_LABEL_CLIENT_HANDSHAKE, WT_LABEL_CLIENT_TRAFFIC},
        {WT_LABEL_COUNT, WT_LABEL_SERVER_HANDSHAKE, WT_LABEL_SERVER_TRAFFIC}};
    struct wt_keys_log *log = wt_keys_log_open(keys, "log", false);
    const struct wt_hash_info *hash = wt_hash_info_of((enum wt_hash_id)s->suite->prf);
    if (!log)
        return;
    add_line(log, WT_LABEL_MASTER, master, sizeof master);
    for (unsigned side = 0; side < 2; side++)
        for (unsigned epoch = 0; epoch < EPOCHS; epoch++) {
            memset(s->secret[side][epoch], (int)(0x60 + 16 * side + epoch), WT_DIGEST_MOST);
            if (labels[side][epoch] < WT_LABEL_COUNT && hash->length >= 32 && !(which >> (2 * epoch + side) & 1))
                add_line(log, (enum wt_label)labels[side][epoch], s->secret[side][epoch], hash->length);
        }
    wt_keys_log_close(log);
}

static struct wt_record_protector *protector(struct sealer *s, unsigned side, unsigned epoch)
{
    const struct wt_cipher *cipher = wt_cipher_of((enum wt_cipher_id)s->suite->cipher);
    struct wt_protection how = {.suite = s->suite, .version = WT_TLS12, .encrypt_then_mac = s->flags & 1};
    struct wt_error why;
    uint8_t key[64], iv[12];
    if (s->tls13) {
        struct wt_schedule schedule;
        if (!wt_schedule_start(&schedule, s->crypto, (enum wt_hash_id)s->suite->prf, WT_TLS13, NULL) ||
            cipher->key > sizeof key ||
            !wt_traffic_key(&schedule, wt_span_of(s->secret[side][epoch], schedule.length), cipher->key, key, iv))
            return NULL;
        how.version = WT_TLS13;
        how.key = wt_span_of(key, cipher->key);
        how.iv = wt_span_of(iv, sizeof iv);
    } else {
        const struct wt_terms terms = {s->crypto, s->suite, WT_TLS12, randoms[WT_CLIENT], randoms[WT_SERVER], NULL};
        if (!s->has_block && !(s->has_block = wt_key_block(&terms, master, &s->block)))
            return NULL;
        how.mac_key = s->block.mac_key[side];
        how.key = s->block.key[side];
        how.iv = s->block.iv[side];
    }
    return wt_record_protector_new(s->crypto, &how, true, &why);
}

/* RFC 8446, 7.2: the next keys of the side. */
static void update(struct sealer *s, unsigned side, unsigned epoch)
{
    struct wt_schedule schedule;
    if (!s->tls13 || !wt_schedule_start(&schedule, s->crypto, (enum wt_hash_id)s->suite->prf, WT_TLS13, NULL) ||
        !wt_traffic_update(&schedule, s->secret[side][epoch]))
        return;
    wt_record_protector_free(s->by[side][epoch]);
    s->by[side][epoch] = NULL;
}

static void put_hello(struct wt_buffer *out, const struct sealer *s, bool server, struct wt_span extensions)
{
    size_t body = 2 + 32 + 1 + (server ? 3u : 6u) + 2 + extensions.n;
    const uint8_t head[] = {WT_CONTENT_HANDSHAKE,
                            3,
                            3,
                            (uint8_t)((body + 4) >> 8),
                            (uint8_t)(body + 4),
                            server ? 2 : 1,
                            0,
                            (uint8_t)(body >> 8),
                            (uint8_t)body,
                            3,
                            3};
    const uint8_t suite[2] = {(uint8_t)(s->suite->id >> 8), (uint8_t)s->suite->id};
    const uint8_t length[2] = {(uint8_t)(extensions.n >> 8), (uint8_t)extensions.n};
    (void)wt_buffer_add(out, head, sizeof head);
    (void)wt_buffer_add(out, randoms[server], 32);
    (void)wt_buffer_add(out, server ? "" : "\0\0\2", server ? 1 : 3);
    (void)wt_buffer_add(out, suite, 2);
    (void)wt_buffer_add(out, server ? "" : "\1\0", server ? 1 : 2);
    (void)wt_buffer_add(out, length, 2);
    (void)wt_buffer_add(out, extensions.p, extensions.n);
}

/* One step of a fuzz_observer's list, for way(): the side, then the bytes in pieces that fit its lengths. */
static void put_step(struct wt_buffer *out, unsigned side, struct wt_span bytes)
{
    while (bytes.n) {
        struct wt_span now = wt_span_cut(bytes, 0, 249);
        const uint8_t head[2] = {(uint8_t)side, (uint8_t)now.n};
        (void)wt_buffer_add(out, head, 2);
        (void)wt_buffer_add(out, now.p, now.n);
        bytes = wt_span_cut(bytes, now.n, bytes.n);
    }
}

static void step(struct sealer *s, const uint8_t **data, size_t *size, struct wt_buffer *out)
{
    static uint8_t room[20000 + WT_SEAL_MOST + 1024];
    unsigned how = take_byte(data, size), side = how & 1, epoch = how >> 1 & 3;
    uint8_t type = (uint8_t)take_byte(data, size);
    struct wt_span text = take(data, size, take_length(data, size));
    size_t n = 0;
    if (text.n > 16384)
        text.n = 16384;
    if (how & 8 && epoch)
        update(s, side, epoch - 1);
    if (epoch) { /* up to TLS 1.2 there is but one */
        unsigned e = s->tls13 ? epoch - 1 : 0;
        if (!s->by[side][e])
            s->by[side][e] = protector(s, side, e);
        if (s->by[side][e])
            n = wt_record_protector_seal(s->by[side][e], type ? type : 1, WT_TLS12, text, how & 16 ? 9 : 0, NULL, room,
                                         NULL);
    } else {
        const uint8_t head[5] = {type, 3, 3, (uint8_t)(text.n >> 8), (uint8_t)text.n};
        memcpy(room, head, 5);
        if (text.n)
            memcpy(room + 5, text.p, text.n);
        n = 5 + text.n;
    }
    if (how & 32 && n > 5)
        room[5 + (how >> 6) * (n - 6) / 3] ^= 1;
    put_step(out, side, wt_span_of(room, n));
}

/* The suite, the hellos and the steps as records, in the form that way() takes. */
static bool seal(struct sealer *s, struct wt_keys *keys, unsigned which, const uint8_t *data, size_t size,
                 struct wt_buffer *out)
{
    struct wt_buffer hello = {0};
    struct wt_span id = take(&data, &size, 2);
    s->suite = id.n == 2 ? wt_suite_find(wt_get16(id.p)) : NULL;
    if (!s->suite || !(s->crypto = wt_keys_crypto(keys)))
        return false;
    s->tls13 = s->suite->kx == WT_KX_TLS13;
    add_log(s, keys, which);
    for (unsigned server = 0; server < 2; server++) {
        struct wt_span extensions = take(&data, &size, take_byte(&data, &size));
        hello.n = 0;
        put_hello(&hello, s, server, extensions);
        for (size_t i = 0; server && i + 3 < extensions.n; i += 4u + wt_get16(extensions.p + i + 2))
            s->flags |= wt_get16(extensions.p + i) == WT_EXT_ENCRYPT_THEN_MAC;
        put_step(out, server, wt_buffer_span(&hello));
    }
    wt_buffer_free(&hello);
    while (size && out->n < 1u << 18)
        step(s, &data, &size, out);
    for (unsigned i = 0; i < 2 * EPOCHS; i++)
        wt_record_protector_free(s->by[i / EPOCHS][i % EPOCHS]);
    return true;
}

/* --- one input
 * -------------------------------------------------------------------------------------------------------- */

static bool records(struct wt_keys *keys, unsigned how, unsigned which, const uint8_t *data, size_t size,
                    struct wt_buffer *out)
{
    if (how & 1) {
        struct sealer s = {0};
        return seal(&s, keys, which, data, size, out);
    }
    const uint8_t *end = memchr(data, 0, size);
    struct wt_keys_log *log = wt_keys_log_open(keys, "log", which & 1);
    if (!end || !log) {
        if (log)
            wt_keys_log_close(log);
        return false;
    }
    wt_keys_log_feed(log, data, (size_t)(end - data));
    wt_keys_log_close(log);
    return wt_buffer_add(out, end + 1, size - (size_t)(end + 1 - data));
}

static void run(struct wt_keys *keys, unsigned how, bool brief, const struct wt_buffer *steps)
{
    struct spoken s = {
        .heard = {.brief = brief, .last_stream = -1, .record = how >> 4 & 15, .record_side = how >> 3 & 1}};
    const struct wt_observer_options options = {.size = sizeof options,
                                                .connection = on_spoken,
                                                .context = &s,
                                                .keep_messages = how & 4,
                                                .keys = keys,
                                                .plaintext = on_plaintext,
                                                .verify = how & 2 ? WT_VERIFY_ALL : WT_VERIFY_AUTO,
                                                .digest_plaintext = true,
                                                .keep_secrets = how & 8,
                                                .read_application = true,
                                                .record_side = s.heard.record_side,
                                                .record = s.heard.record};
    struct wt_observer *o = wt_observer_new(&options, NULL);
    if (!o)
        return;
    wt_observer_file(o, "capture");
    way(o, how & 2 ? SEGMENTS : STREAMS, steps->p, steps->n);
    wt_observer_finish(o);
    check_summary(o, &s.heard);
    wt_observer_free(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wt_buffer steps = {0};
    enum wt_problem_id why;
    struct wt_keys *keys = size >= 2 ? wt_keys_new(NULL, NULL) : NULL;
    if (!keys)
        return 0;
    (void)wt_keys_add_psk(keys, "me", 2, "a pre-shared key", 16, &why);
    if (records(keys, data[0], data[1], data + 2, size - 2, &steps))
        run(data[1] & 128 ? NULL : keys, data[0], data[1] & 64, &steps);
    wt_buffer_free(&steps);
    wt_keys_free(keys);
    return 0;
}
