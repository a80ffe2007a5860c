/* What depends on the version of QUIC: rows in order, numbers as RFC 9000 and RFC 9369 have them, names. */
#include "registry/quic.h"
#include "registry/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const uint32_t numbers[] = {
#define WT_QUIC_VERSION(number, name, salt, retry, v2, rfc) number,
#include "registry/quic_versions.def"
#undef WT_QUIC_VERSION
};

/* The search goes by halves. */
static void rows_are_sorted_and_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const struct wt_quic_version *version = wt_quic_version_find(numbers[i]);
        assert_true(i == 0 || numbers[i - 1] < numbers[i]);
        assert_non_null(version);
        assert_int_equal(version->number, numbers[i]);
        assert_string_equal(wt_registry_name(WT_REG_QUIC_VERSION, numbers[i]), version->name);
    }
    assert_null(wt_quic_version_find(0));
    assert_null(wt_quic_version_find(0xff000015));
    assert_null(wt_quic_version_find(0xff000023));
}

/* RFC 9000, 17.2, table 5; RFC 9369, 3.2 */
static void packets_have_their_bits(void **state)
{
    static const unsigned v1[] = {0, 1, 2, 3}, v2[] = {1, 2, 3, 0};
    (void)state;
    for (unsigned packet = WT_QUIC_INITIAL; packet <= WT_QUIC_RETRY; packet++) {
        const struct {
            const struct wt_quic_version *version;
            unsigned bits;
        } rows[] = {{NULL, v1[packet]},
                    {wt_quic_version_find(1), v1[packet]},
                    {wt_quic_version_find(0xff00001d), v1[packet]},
                    {wt_quic_version_find(0x6b3343cf), v2[packet]},
                    {wt_quic_version_find(0x709a50c4), v2[packet]}};
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            assert_int_equal(wt_quic_long_bits(rows[i].version, (enum wt_quic_packet)packet), rows[i].bits);
            assert_int_equal(wt_quic_long_packet(rows[i].version, rows[i].bits), packet);
        }
    }
    assert_string_equal(wt_quic_packet_name(WT_QUIC_0RTT), "0-RTT");
    assert_string_equal(wt_quic_packet_name(WT_QUIC_VERSION_NEGOTIATION), "Version Negotiation");
    assert_null(wt_quic_packet_name(WT_QUIC_PACKETS));
}

static void retries_have_a_tag_from_draft_25_on(void **state)
{
    (void)state;
    for (uint32_t draft = 22; draft <= 34; draft++)
        assert_int_equal(wt_quic_version_has_retry_tag(wt_quic_version_find(0xff000000 | draft)), draft >= 25);
    assert_true(wt_quic_version_has_retry_tag(wt_quic_version_find(1)));
    assert_true(wt_quic_version_has_retry_tag(wt_quic_version_find(0x6b3343cf)));
}

/* RFC 9001, 4.1.3. */
static void messages_have_their_packets(void **state)
{
    (void)state;
    assert_int_equal(wt_quic_packet_of_message(WT_HANDSHAKE_CLIENT_HELLO), WT_QUIC_INITIAL);
    assert_int_equal(wt_quic_packet_of_message(WT_HANDSHAKE_FINISHED), WT_QUIC_HANDSHAKE);
    assert_int_equal(wt_quic_packet_of_message(WT_HANDSHAKE_NEW_SESSION_TICKET), WT_QUIC_1RTT);
    assert_int_equal(wt_quic_packet_of_message(WT_HANDSHAKE_KEY_UPDATE), WT_QUIC_PACKETS);
}

static void others_are_named(void **state)
{
    (void)state;
    assert_true(wt_quic_version_is_google(0x51303433));
    assert_false(wt_quic_version_is_google(0x54303530)); /* T050 */
    assert_false(wt_quic_version_is_google(0x5130303a));
    assert_false(wt_quic_version_is_google(0x51313030)); /* Q100 */
    assert_string_equal(wt_registry_name(WT_REG_QUIC_VERSION, 0x51303433), "Google Q043");
    assert_string_equal(wt_registry_name(WT_REG_QUIC_VERSION, 0), "Version Negotiation");
    assert_string_equal(wt_registry_name(WT_REG_QUIC_VERSION, 0x1a2a3a4a), "GREASE");
    assert_true(wt_quic_version_is_reserved(0xfafafafa));
    assert_false(wt_quic_version_is_reserved(0x0a0a0a0b));
    assert_null(wt_registry_name(WT_REG_QUIC_VERSION, 2));
    assert_string_equal(wt_registry_name(WT_REG_QUIC_FRAME, 0x0e), "STREAM (OFF, LEN)");
    assert_string_equal(wt_registry_name(WT_REG_QUIC_ERROR, 0x0a), "PROTOCOL_VIOLATION");
    assert_string_equal(wt_registry_name(WT_REG_HTTP3_ERROR, 0x100), "H3_NO_ERROR");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_sorted_and_found),
        cmocka_unit_test(packets_have_their_bits),
        cmocka_unit_test(retries_have_a_tag_from_draft_25_on),
        cmocka_unit_test(messages_have_their_packets),
        cmocka_unit_test(others_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
