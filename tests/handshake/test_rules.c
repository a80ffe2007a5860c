/* The rules by which a peer MUST refuse: each broken by one message, and kept by its near miss. */
#include "broken.h"

struct wt_agreed agreed;
struct made made;
struct wt_breaches breaches;
bool covered[WT_RULE_COUNT];

/* RFC 8446, 6.2: which alert says that a message cannot be decoded, which that it may not say what it says. */
static void test_alerts(void **state)
{
    static const struct {
        enum wt_code code;
        uint8_t alert;
    } rows[] = {
        {WT_TRUNCATED, WT_ALERT_DECODE_ERROR},      {WT_TRAILING, WT_ALERT_DECODE_ERROR},
        {WT_LENGTH, WT_ALERT_DECODE_ERROR},         {WT_VALUE, WT_ALERT_ILLEGAL_PARAMETER},
        {WT_DUPLICATE, WT_ALERT_ILLEGAL_PARAMETER}, {WT_MISMATCH, WT_ALERT_ILLEGAL_PARAMETER},
        {WT_MISSING, WT_ALERT_MISSING_EXTENSION},   {WT_LIMIT, WT_ALERT_INTERNAL_ERROR},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(wt_rules_alert_of(&(struct wt_error){.code = rows[i].code}), rows[i].alert);
}

/* Every row has its sentence and a known alert, and what an endpoint does with the first of many breaches is clear. */
static void test_rows(void **state)
{
    (void)state;
    for (unsigned i = 0; i < WT_RULE_COUNT; i++) {
        const struct wt_rule *r = wt_rule_of((enum wt_rule_id)i);
        assert_int_equal(strncmp(r->rule, "RFC ", 4), 0);
        assert_non_null(strchr(r->rule, ':'));
        assert_non_null(wt_registry_name(WT_REG_ALERT, r->alert));
        assert_true(r->field && *r->field);
    }
    after_13("");
    /* nine that nobody asked for, in one message */
    made_block(&made, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, "5000: 5001: 5002: 5003: 5004: 5005: 5006: 5007: 5008:");
    check(WT_SERVER);
    assert_int_equal(breaches.count, WT_LIMIT_BREACHES);
    assert_int_equal(breaches.more, 1);
    assert_int_equal(breaches.list[0].error.offset, 2);
}

static void test_covered(void **state)
{
    (void)state;
    for (unsigned i = 0; i < WT_RULE_COUNT; i++)
        if (!covered[i])
            fail_msg("nothing breaks rule %u: %s", i, wt_rule_of((enum wt_rule_id)i)->rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alerts),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_client_13),
        cmocka_unit_test(test_client_shares),
        cmocka_unit_test(test_client_psk),
        cmocka_unit_test(test_client_old),
        cmocka_unit_test(test_client_renegotiation),
        cmocka_unit_test(test_second),
        cmocka_unit_test(test_second_extensions),
        cmocka_unit_test(test_server_fields),
        cmocka_unit_test(test_server_versions),
        cmocka_unit_test(test_server_suites),
        cmocka_unit_test(test_server_keys),
        cmocka_unit_test(test_server_retry),
        cmocka_unit_test(test_server_after_retry),
        cmocka_unit_test(test_server_old),
        cmocka_unit_test(test_server_renegotiation),
        cmocka_unit_test(test_server_sessions),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_unseen),
        cmocka_unit_test(test_drafts),
        cmocka_unit_test(test_key_exchange),
        cmocka_unit_test(test_verify),
        cmocka_unit_test(test_certificates),
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_tickets),
        cmocka_unit_test(test_encrypted_extensions),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_grid_client),
        cmocka_unit_test(test_grid_answers),
        cmocka_unit_test(test_grid_unasked),
        cmocka_unit_test(test_grid_grease),
        cmocka_unit_test(test_covered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
