/* How a record was protected is told outwards from the plaintext, alike by who seals and who opens it, and adds up to
 * the record's bytes; of what does not open, what was computed and what was found. */
#include "records.h"

#include "base/buffer.h"
#include "wiretale/report.h"
#include "wording/wording.h"

/* "id=function:hex of the outcome" of each step, with a line's end behind it. */
struct told {
    struct wt_buffer ids, all;
    uint8_t record[ROOM];
    size_t record_n;
    unsigned steps, without_words;
    const char *last_text;
};

static void note(void *context, const struct wt_step *step)
{
    struct told *t = context;
    t->steps++;
    if (t->ids.n > 0)
        wt_buffer_add_char(&t->ids, ' ');
    wt_buffer_add_text(&t->ids, step->id);
    wt_buffer_format(&t->all, "%s=%s:", step->id, step->function);
    wt_buffer_add_hex(&t->all, step->out.bytes);
    for (size_t i = 0; i < step->in_count; i++) {
        assert_non_null(step->in[i].name);
        assert_non_null(step->in[i].bytes.p);
        wt_buffer_format(&t->all, " %s ", step->in[i].name);
        wt_buffer_add_hex(&t->all, step->in[i].bytes);
    }
    wt_buffer_add_char(&t->all, '\n');
    t->last_text = wt_step_text(step);
    t->without_words += !t->last_text || t->last_text[strlen(t->last_text) - 1] != '.';
    if (strcmp(step->id, "record") == 0) {
        assert_true(step->out.bytes.n <= sizeof t->record);
        memcpy(t->record, step->out.bytes.p, step->out.bytes.n);
        t->record_n = step->out.bytes.n;
    }
}

static const char *words(struct wt_buffer *b)
{
    wt_buffer_add_char(b, 0);
    return (const char *)b->p;
}

static void forget(struct told *t)
{
    wt_buffer_free(&t->ids);
    wt_buffer_free(&t->all);
    *t = (struct told){0};
}

static struct told sealing, opening;
static const struct wt_steps see_seal = {note, &sealing}, see_open = {note, &opening};

static const struct row {
    uint16_t suite, version;
    bool encrypt_then_mac, truncated_hmac, compressed;
    const char *steps; /* sealing; opening has mac_found behind a MAC besides */
} rows[] = {
    {0x0000, WT_TLS12, 0, 0, 0, "fragment record"},
    {0x0002, WT_TLS12, 0, 0, 0, "fragment mac_input mac record"},
    {0x0001, WT_SSL3, 0, 0, 0, "fragment mac_input mac_inner mac record"},
    {0x0005, WT_SSL3, 0, 0, 0, "fragment mac_input mac_inner mac ciphertext record"},
    {0x0005, WT_TLS12, 0, 0, 1, "fragment compressed mac_input mac ciphertext record"},
    {0x000a, WT_SSL3, 0, 0, 0, "fragment mac_input mac_inner mac padding iv ciphertext record"},
    {0x002f, WT_TLS10, 0, 0, 0, "fragment mac_input mac padding iv ciphertext record"},
    {0x002f, WT_TLS10, 1, 0, 0, "fragment padding iv ciphertext mac_input mac record"},
    {0x002f, WT_TLS12, 0, 1, 0, "fragment mac_input mac mac_truncated padding iv ciphertext record"},
    {0x002f, WT_TLS12, 1, 1, 1, "fragment compressed padding iv ciphertext mac_input mac mac_truncated record"},
    {0xe013, WT_TLCP, 0, 0, 0, "fragment mac_input mac padding iv ciphertext record"},
    {0x009c, WT_TLS12, 0, 0, 0, "fragment nonce additional_data ciphertext tag record"},
    {0xc09c, WT_TLS12, 0, 0, 1, "fragment compressed nonce additional_data ciphertext tag record"},
    {0xcca8, WT_TLS12, 0, 0, 0, "fragment nonce additional_data ciphertext tag record"},
    {0xcc13, WT_TLS12, 0, 0, 0, "fragment nonce additional_data ciphertext tag record"},
    {0x1301, WT_TLS13, 0, 0, 0, "fragment inner_plaintext nonce additional_data ciphertext tag record"},
    {0x1303, 0x7f12, 0, 0, 0, "fragment inner_plaintext nonce additional_data ciphertext tag record"},
    {0xc0b4, WT_TLS13, 0, 0, 0, "fragment inner_plaintext nonce additional_data mac record"},
};

enum { ROWS = sizeof rows / sizeof *rows };

static struct pair pair_of_row(const struct row *row)
{
    struct wt_protection how = protection_of(wt_suite_find(row->suite), row->version);
    how.encrypt_then_mac = row->encrypt_then_mac;
    how.truncated_hmac = row->truncated_hmac;
    how.compression = row->compressed;
    return pair_of(&how);
}

/* What sealing told, without the comparison that only who opens can make. */
static void drop_comparison(struct wt_buffer *b, const char *what, char end)
{
    char *at = memmem(b->p, b->n, what, strlen(what));
    if (!at)
        return;
    size_t from = (size_t)((uint8_t *)at - b->p), n = strlen(what);
    while (from + n < b->n && b->p[from + n - 1] != (uint8_t)end)
        n++;
    memmove(b->p + from, b->p + from + n, b->n - from - n);
    b->n -= n;
}

static void both_sides_tell_alike(void **state)
{
    (void)state;
    static uint8_t record[ROOM];
    for (size_t i = 0; i < ROWS; i++) {
        struct pair p = pair_of_row(&rows[i]);
        /* The second record, an empty one too: a chained IV and a sequence number that is not 0. */
        for (int k = 0; k < 3; k++) {
            struct wt_opened opened;
            const char *said = k == 1 ? "" : "Hello, hello, hello";
            size_t n = wt_record_protector_seal(p.seal, 23, WT_TLS12, wt_span_text(said), 0, NULL, record, &see_seal);
            assert_int_equal(sealing.record_n, n);
            assert_memory_equal(sealing.record, record, n);
            assert_int_equal(wt_record_protector_open(p.open, 23, WT_TLS12, wt_span_of(record + 5, n - 5), record + 5,
                                                      false, &opened, &see_open),
                             WT_OPENED);
            assert_int_equal(opening.record_n, n);
            assert_memory_equal(opening.record, sealing.record, n);
            assert_int_equal(sealing.without_words + opening.without_words, 0);
            drop_comparison(&opening.ids, "mac_found ", ' ');
            drop_comparison(&opening.all, "mac_found=", '\n');
            assert_string_equal(words(&sealing.ids), rows[i].steps);
            assert_string_equal(words(&opening.ids), rows[i].steps);
            assert_string_equal(words(&opening.all), words(&sealing.all));
            forget(&sealing);
            forget(&opening);
        }
        free_pair(p);
    }
}

static bool tells(const char *what)
{
    return memmem(opening.all.p, opening.all.n, what, strlen(what)) != NULL;
}

/* RFC 8446, 5.3 and RFC 5288, 3: nonces as the steps show them. The bytes are those of a hand-made key. */
static void nonces_show_their_construction(void **state)
{
    (void)state;
    uint8_t keys[64], record[256];
    const struct wt_protection how = {.suite = wt_suite_find(0x1301),
                                      .version = WT_TLS13,
                                      .key = unhex("000102030405060708090a0b0c0d0e0f", keys),
                                      .iv = unhex("a0a1a2a3a4a5a6a7a8a9aaab", keys + 16)};
    struct pair p = pair_of(&how);
    struct wt_opened opened;
    assert_true(wt_record_protector_set_sequence(p.seal, 0x0102) && wt_record_protector_set_sequence(p.open, 0x0102));
    size_t n = wt_record_protector_seal(p.seal, 22, WT_TLS12, wt_span_text("hi"), 3, NULL, record, NULL);
    wt_record_protector_open(p.open, 23, WT_TLS12, wt_span_of(record + 5, n - 5), record + 5, false, &opened,
                             &see_open);
    assert_true(tells("fragment=cut:6869 type 16\n"));
    assert_true(tells("inner_plaintext=join:686916000000 content 6869 type 16 zeros 000000\n"));
    assert_true(
        tells("nonce=xor:a0a1a2a3a4a5a6a7a8a9aba9 write_IV a0a1a2a3a4a5a6a7a8a9aaab seq_num 0000000000000102\n"));
    assert_true(tells("additional_data=join:1703030016 opaque_type 17 legacy_record_version 0303 length 0016\n"));
    assert_true(tells("tag=AES_128_GCM:"));
    forget(&opening);
    free_pair(p);
}

static void fails(uint16_t suite, uint16_t version, size_t flip, size_t cut, const char *steps, const char *why)
{
    static uint8_t record[ROOM], nonce[16]; /* not at random: what a damaged block deciphers to must not change */
    struct wt_opened opened;
    struct pair p = pair_of_suite(suite, version);
    struct wt_span text = wt_span_text("0123456789012345678901234567890123456789");
    size_t n = wt_record_protector_seal(p.seal, 23, WT_TLS12, text, 0, nonce, record, NULL) - cut;
    record[flip] ^= 1;
    enum wt_opening result = wt_record_protector_open(p.open, 23, WT_TLS12, wt_span_of(record + 5, n - 5), record + 5,
                                                      false, &opened, &see_open);
    assert_int_not_equal(result, WT_OPENED);
    assert_string_equal(words(&opening.ids), steps);
    assert_string_equal(opening.last_text, wt_wording_opening(result));
    assert_non_null(strstr(opening.last_text, why));
    assert_int_equal(opening.record_n, n);
    forget(&opening);
    free_pair(p);
}

/* A failed opening tells what it came to know, the record itself, and the reason. */
static void failures_tell_what_was_found(void **state)
{
    (void)state;
    fails(0x002f, WT_TLS12, 5, 0, "mac_input mac mac_found padding iv ciphertext record failure", "MAC");
    fails(0x0005, WT_SSL3, 5, 0, "mac_input mac_inner mac mac_found ciphertext record failure", "MAC");
    fails(0x002f, WT_TLS12, 5 + 16 + 63, 0, "padding_length iv ciphertext record failure", "padding");
    fails(0x002f, WT_TLS12, 5, 1, "record failure", "block size");
    fails(0x002f, WT_TLS12, 5, 64, "record failure", "shorter");
    fails(0x009c, WT_TLS12, 20, 0, "nonce additional_data ciphertext tag record failure", "tag");
    fails(0x1301, WT_TLS13, 20, 0, "nonce additional_data ciphertext tag record failure", "tag");
    fails(0x1301, WT_TLS13, 5, 42, "record failure", "shorter");
    fails(0xc0b4, WT_TLS13, 20, 0, "inner_plaintext nonce additional_data mac mac_found record failure", "MAC");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(both_sides_tell_alike),
                                       cmocka_unit_test(nonces_show_their_construction),
                                       cmocka_unit_test(failures_tell_what_was_found)};
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
