/* Records that were sealed by hand (vectors.py): they open to their text, in place and not, and sealing the text gives
 * them byte for byte. */
#include "records.h"
#include "wording/wording.h"

struct vector {
    const char *what; /* NULL: goes on with the protector of the row before */
    uint16_t suite, version;
    bool encrypt_then_mac, truncated_hmac;
    uint8_t compression;
    uint64_t sequence;
    const char *mac_key, *key, *iv;
    uint8_t type;
    uint16_t record_version;
    const char *fragment, *text;
    uint8_t inner;
    uint32_t padding, ask;
    const char *nonce;
    bool exact;
};

static const struct vector vectors[] = {
#define WT_BEGIN(name, suite, version, etm, truncated, compression, sequence, mac_key, key, iv)                        \
    {name, suite, version, etm, truncated, compression, sequence, mac_key, key, iv, 0},
#define WT_RECORD(kind, recorded, bytes, content, inside, pad, asked, given, same)                                     \
    {.type = kind,                                                                                                     \
     .record_version = recorded,                                                                                       \
     .fragment = bytes,                                                                                                \
     .text = content,                                                                                                  \
     .inner = inside,                                                                                                  \
     .padding = pad,                                                                                                   \
     .ask = asked,                                                                                                     \
     .nonce = given,                                                                                                   \
     .exact = same},
#include "vectors.def"
#undef WT_BEGIN
#undef WT_RECORD
};

struct run {
    const struct vector *head;
    struct wt_record_protector *seal, *open[2];
    unsigned records;
};

static void end(struct run *run)
{
    wt_record_protector_free(run->seal);
    wt_record_protector_free(run->open[0]);
    wt_record_protector_free(run->open[1]);
}

static void begin(struct run *run, const struct vector *v)
{
    uint8_t keys[3][64];
    const struct wt_protection how = {
        .suite = wt_suite_find(v->suite),
        .version = v->version,
        .mac_key = unhex(v->mac_key, keys[0]),
        .key = unhex(v->key, keys[1]),
        .iv = unhex(v->iv, keys[2]),
        .encrypt_then_mac = v->encrypt_then_mac,
        .truncated_hmac = v->truncated_hmac,
        .compression = v->compression,
    };
    struct wt_error why;
    end(run);
    run->head = v;
    run->seal = wt_record_protector_new(crypto, &how, true, &why);
    struct wt_record_protector *all[] = {run->seal, run->open[0] = wt_record_protector_new(crypto, &how, false, &why),
                                         run->open[1] = wt_record_protector_new(crypto, &how, false, &why)};
    for (int i = 0; i < 3; i++) {
        if (!all[i])
            fail_msg("%s: %s", v->what, why.rule);
        if (v->sequence && !wt_record_protector_set_sequence(all[i], v->sequence))
            fail_msg("%s: the sequence number cannot be set", v->what);
    }
}

static void check(struct run *run, const struct vector *v)
{
    static uint8_t fragment[ROOM], text[ROOM], out[ROOM], record[ROOM], nonce[16];
    const char *what = run->head->what;
    struct wt_opened opened;
    for (int i = 0; i < 2; i++) {
        struct wt_span sealed = unhex(v->fragment, fragment), plain = unhex(v->text, text);
        enum wt_opening result = wt_record_protector_open(run->open[i], v->type, v->record_version, sealed,
                                                          i ? out : fragment, false, &opened, NULL);
        if (result != WT_OPENED)
            fail_msg("%s, record %u: %s", what, run->records, wt_wording_opening(result));
        if (!wt_span_equal(opened.text, plain) || opened.type != v->inner || opened.padding != v->padding)
            fail_msg("%s, record %u opens to something else", what, run->records);
    }
    if (v->exact) {
        struct wt_span sealed = unhex(v->fragment, fragment), plain = unhex(v->text, text);
        size_t n = wt_record_protector_seal(run->seal, v->inner, v->record_version, plain, v->ask,
                                            unhex(v->nonce, nonce).n ? nonce : NULL, record, NULL);
        if (n != sealed.n + 5 || memcmp(record + 5, sealed.p, sealed.n) != 0 || record[0] != v->type ||
            wt_get16(record + 1) != v->record_version || wt_get16(record + 3) != sealed.n)
            fail_msg("%s, record %u is sealed otherwise", what, run->records);
    }
    run->records++;
}

static void opens_and_seals_vectors(void **state)
{
    (void)state;
    struct run run = {0};
    unsigned records = 0;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        if (vectors[i].what) {
            begin(&run, &vectors[i]);
            run.records = 0;
        } else if (run.head) {
            check(&run, &vectors[i]);
            records++;
        }
    }
    end(&run);
    print_message("%u records made by hand hold\n", records);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(opens_and_seals_vectors)};
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
