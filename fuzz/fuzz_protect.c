/* Records of every suite and version: what comes from the wire opens or does not, and never harms; what is sealed opens
 * to the same; what is changed on its way does not, where a tag or MAC covers all of it.
 *
 * Two bytes name the suite, one the version, one the ways of protecting. Then, again and again: what to do, a content
 * type, two bytes of length and so many bytes: open them as they come; seal and open them; seal, damage and open them.
 */
#include "carriage/record_protector.h"
#include "wording/wording.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 1 << 16, SEALED = 16384 + 1024 + 1024 };

static uint8_t out[ROOM], place[ROOM], record[SEALED];

static void hold(bool so, const char *what)
{
    if (so)
        return;
    fprintf(stderr, "fuzz_protect: %s\n", what);
    abort();
}

/* Reads all that a step shows, for the sanitizers. */
static void see(void *context, const struct wt_step *step)
{
    uint32_t *sum = context;
    hold(step->id != NULL, "a step without an id");
    for (size_t i = 0; i < step->in_count; i++)
        for (size_t k = 0; k < step->in[i].bytes.n; k++)
            *sum += step->in[i].bytes.p[k];
    for (size_t k = 0; k < step->out.bytes.n; k++)
        *sum += step->out.bytes.p[k];
}

struct setting {
    struct wt_protection how;
    const struct wt_steps *steps;
    bool in_place;
};

static struct wt_crypto *crypto_once(void)
{
    static struct wt_crypto *crypto;
    if (!crypto)
        crypto = wt_crypto_new();
    return crypto;
}

static bool set(struct setting *s, const uint8_t data[4])
{
    static const uint16_t versions[] = {WT_SSL3, WT_TLS10, WT_TLS11, WT_TLS12, WT_TLS13,
                                        WT_TLCP, 0x7f12,   0x7f1c,   0xfb17,   0xffff};
    static uint8_t keys[3][64];
    const struct wt_suite *suite = wt_suite_find(wt_get16(data));
    if (!suite)
        return false;
    const struct wt_cipher *cipher = wt_cipher_of(suite->cipher);
    uint16_t version = versions[data[2] % (sizeof versions / sizeof *versions)];
    for (size_t i = 0; i < sizeof keys; i++)
        keys[i / 64][i % 64] = (uint8_t)(i * 41 + 7);
    bool whole = wt_version_is_tls13(version) && cipher->mode != WT_MODE_OTHER;
    s->how = (struct wt_protection){.suite = suite,
                                    .version = version,
                                    .mac_key = {keys[0], wt_hash_info_of(suite->mac)->length},
                                    .key = {keys[1], cipher->key},
                                    .iv = {keys[2], whole ? 12u : cipher->iv},
                                    .encrypt_then_mac = data[3] & 1,
                                    .truncated_hmac = data[3] & 2,
                                    .compression = data[3] & 4 ? 1 : 0,
                                    .fragment = data[3] & 8 ? 64 : 0};
    s->in_place = data[3] & 32;
    return true;
}

static enum wt_opening open_body(const struct setting *s, struct wt_record_protector *p, uint8_t type, uint16_t version,
                                 struct wt_span body, bool trial, struct wt_opened *opened)
{
    if (body.n > 0)
        memcpy(place, body.p, body.n);
    uint64_t before = wt_record_protector_sequence(p);
    enum wt_opening result = wt_record_protector_open(p, type, version, wt_span_of(place, body.n),
                                                      s->in_place ? place : out, trial, opened, s->steps);
    hold(wt_wording_opening(result) != NULL, "an outcome without words");
    hold(wt_record_protector_sequence(p) == before + (result == WT_OPENED || !trial), "the sequence number is off");
    hold(result == WT_OPENED || result == WT_OPEN_TOO_LONG || opened->text.n == 0, "text out of what did not open");
    uint32_t sum = 0;
    for (size_t i = 0; i < opened->text.n; i++)
        sum += opened->text.p[i];
    hold(sum != UINT32_MAX, "never");
    return result;
}

/* `damage`: one bit is flipped on the way. The pair is in step with itself until then. */
static bool there_and_back(const struct setting *s, struct wt_record_protector *seal, struct wt_record_protector *open,
                           uint8_t type, struct wt_span text, unsigned damage)
{
    struct wt_opened opened;
    bool tls13 = wt_version_is_tls13(s->how.version);
    static const uint8_t nonce[16] = {1, 2, 3};
    size_t n = wt_record_protector_seal(seal, type, WT_TLS12, text, damage % 3, nonce, record, s->steps);
    if (n == 0)
        return false;
    hold(n >= 5 && n <= text.n + damage % 3 + WT_SEAL_MOST + 1024 && n - 5 == wt_get16(record + 3), "a wrong length");
    size_t at = 5 + damage % (n > 5 ? n - 5 : 1);
    if (damage && n > 5)
        record[at] ^= (uint8_t)(1 << damage % 8);
    enum wt_opening result =
        open_body(s, open, record[0], wt_get16(record + 1), wt_span_of(record + 5, n - 5), false, &opened);
    if (!damage || n == 5) {
        hold(result == WT_OPENED, "what was sealed does not open");
        hold(wt_span_equal(opened.text, text) && (!tls13 || type == 0 || opened.type == type),
             "it opens to another text");
        return true;
    }
    uint8_t mode = wt_cipher_of(s->how.suite->cipher)->mode;
    if (mode == WT_MODE_GCM || mode == WT_MODE_CCM || mode == WT_MODE_POLY1305)
        hold(result == WT_OPEN_BAD_MAC, "a flipped bit opens");
    return false;
}

static void play(const struct setting *s, struct wt_record_protector *all[3], struct wt_span in)
{
    bool paired = true;
    while (in.n >= 4) {
        uint8_t what = in.p[0], type = in.p[1];
        struct wt_opened opened;
        struct wt_span body = wt_span_cut(in, 4, wt_get16(in.p + 2));
        in = wt_span_cut(in, 4 + body.n, in.n);
        if (what % 4 < 2) {
            (void)open_body(s, all[2], type, what & 4 ? WT_TLS10 : WT_TLS12, body, what & 1, &opened);
            (void)wt_record_protector_set_sequence(all[2], what);
        } else if (paired) {
            /* TLS 1.3 cannot carry type 0: it would be padding. */
            paired = there_and_back(s, all[0], all[1], type ? type : 1, body, what % 4 == 2 ? 0 : 1u + what);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t sum = 0;
    const struct wt_steps steps = {see, &sum};
    struct setting s = {0};
    struct wt_error why;
    if (size < 4 || !crypto_once() || !set(&s, data))
        return 0;
    s.steps = data[3] & 16 ? &steps : NULL;
    struct wt_record_protector *all[3];
    bool made = true;
    for (int i = 0; i < 3; i++) {
        all[i] = wt_record_protector_new(crypto_once(), &s.how, i == 0, &why);
        hold(all[i] || why.code == WT_UNSUPPORTED || why.code == WT_LENGTH, "no protector, and no reason");
        made = made && all[i];
    }
    if (made)
        play(&s, all, wt_span_of(data + 4, size - 4));
    for (int i = 0; i < 3; i++)
        wt_record_protector_free(all[i]);
    return 0;
}
