/* One message held against the rules. */
#ifndef WT_TESTS_HANDSHAKE_BROKEN_H
#define WT_TESTS_HANDSHAKE_BROKEN_H

#include "handshake/rules.h"
#include "hellos.h"

/* What was agreed before, the message, and what of it breaks a rule. */
extern struct wt_agreed agreed;
extern struct made made;
extern struct wt_breaches breaches;
/* Rules that a test has seen broken. */
extern bool covered[WT_RULE_COUNT];

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
/* key_share and supported_groups of x25519, and what else a ClientHello for TLS 1.3 has to have */
#define GROUPS "000a:0006001d00170018 "
#define SCHEMES "000d:0006040308040807 "
#define VERSIONS "002b:0403040303 "
#define HELLO13 GROUPS SCHEMES "0033:0024001d0020" KEY " " VERSIONS
#define ANSWER13 "0033:001d0020" KEY " 002b:0304 "
#define BINDER "20" KEY
/* one identity with an age, and its binder */
#define PSK "0029:00080002aaaa000000010021" BINDER " "

/* The message is a side's, and is checked and then added. */
static inline void check(unsigned side)
{
    assert_int_equal(made.code, WT_OK);
    wt_rules_check(&agreed, side, &made.m, made.body, &breaches);
}

static inline void add(unsigned side)
{
    wt_agreed_message(&agreed, side, &made.m, true);
}

/* It breaks exactly this rule; the error says where (0: nowhere) and by what. */
static inline void broken_by(unsigned side, enum wt_rule_id rule, size_t offset, uint64_t value)
{
    check(side);
    if (breaches.count != 1 || breaches.list[0].rule != rule) {
        for (unsigned i = 0; i < breaches.count; i++)
            print_message("rule %u: %s\n", breaches.list[i].rule, breaches.list[i].error.rule);
        fail_msg("%u rules are broken, not rule %u alone", breaches.count, rule);
    }
    const struct wt_breach *b = &breaches.list[0];
    assert_int_equal(b->side, side);
    assert_int_equal(b->alert, wt_rule_of(rule)->alert);
    assert_int_equal(b->error.code, wt_rule_of(rule)->code);
    assert_int_equal(b->error.offset, offset);
    assert_int_equal(b->error.value, value);
    covered[rule] = true;
}

static inline void well(unsigned side)
{
    check(side);
    for (unsigned i = 0; i < breaches.count; i++)
        print_message("rule %u: %s\n", breaches.list[i].rule, breaches.list[i].error.rule);
    assert_int_equal(breaches.count, 0);
}

/* Where an extension's type is in a message, from the start of its body; the block begins with its two bytes of length
 * at `block`. */
static inline size_t extension_at(size_t block, uint16_t id)
{
    const uint8_t *p = made.body.p + block + 2;
    while (wt_get16(p) != id)
        p += 4 + wt_get16(p + 2);
    return (size_t)(p - made.body.p);
}

/* --- the usual ClientHellos and ServerHellos ------------------------------------------------------------------------
 */

static inline void client(const char *extensions)
{
    made_client_hello(&made, "0303", SESSION, "13011302c02fc02bc013003c", "00", extensions);
}

static inline void server(const char *suite, const char *extensions)
{
    made_server_hello(&made, "0303", RANDOM, SESSION, suite, "00", extensions);
}

static inline void retry_request(const char *extensions)
{
    made_server_hello(&made, "0303", RETRY_RANDOM, SESSION, "1301", "00", extensions);
}

/* A connection that begins with this ClientHello. */
static inline void after_client(const char *extensions)
{
    wt_agreed_start(&agreed, true);
    client(extensions);
    assert_int_equal(made.code, WT_OK);
    add(WT_CLIENT);
}

static inline void after_retry(const char *hello, const char *retry)
{
    after_client(hello);
    retry_request(retry);
    assert_int_equal(made.code, WT_OK);
    add(WT_SERVER);
}

/* ... and this ServerHello. */
static inline void after_server(const char *hello, const char *suite, const char *extensions)
{
    after_client(hello);
    server(suite, extensions);
    assert_int_equal(made.code, WT_OK);
    add(WT_SERVER);
}

static inline void after_13(const char *more)
{
    char hello[HELLO_ROOM];
    (void)snprintf(hello, sizeof hello, "%s%s", more, HELLO13);
    after_server(hello, "1301", ANSWER13);
}

/* A message of TLS 1.3 or 1.2 by its body. */
static inline void message(uint8_t type, uint16_t version, uint8_t kx, const char *body)
{
    made_hex(&made, type, (struct wt_codec_context){version, kx, 0, 0}, body);
}

void test_client_13(void **state);
void test_client_shares(void **state);
void test_client_psk(void **state);
void test_client_old(void **state);
void test_client_renegotiation(void **state);
void test_second(void **state);
void test_second_extensions(void **state);
void test_server_fields(void **state);
void test_server_versions(void **state);
void test_server_suites(void **state);
void test_server_keys(void **state);
void test_server_retry(void **state);
void test_server_after_retry(void **state);
void test_server_old(void **state);
void test_server_renegotiation(void **state);
void test_server_sessions(void **state);
void test_answers(void **state);
void test_unseen(void **state);
void test_drafts(void **state);
void test_key_exchange(void **state);
void test_verify(void **state);
void test_certificates(void **state);
void test_requests(void **state);
void test_tickets(void **state);
void test_encrypted_extensions(void **state);
void test_records(void **state);
void test_grid_client(void **state);
void test_grid_answers(void **state);
void test_grid_unasked(void **state);
void test_grid_grease(void **state);

#endif
