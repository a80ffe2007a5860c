/* The ClientHello after a HelloRetryRequest, as a server holds it against the first one (RFC 8446, 4.1.2). The client
 * is ours, and its second hello is changed on the way: what is looked at is the server alone. */
#include "base/buffer.h"
#include "pair.h"
#include "registry/registry.h"

#include <string.h>

enum { HEADERS = 5 + 4 };

struct again {
    void (*change)(uint8_t *block, size_t n);
    unsigned hellos;
    struct wt_buffer out;
};

static size_t number(const uint8_t *p)
{
    return (size_t)p[0] << 8 | p[1];
}

/* Where its extensions begin, and how many bytes they are. */
static uint8_t *block_of(uint8_t *record, size_t *n)
{
    uint8_t *p = record + HEADERS + 2 + 32;
    p += 1 + p[0];
    p += 2 + number(p);
    p += 1 + p[0];
    *n = number(p);
    return p + 2;
}

static struct wt_span second_changed(void *context, unsigned side, struct wt_span sent)
{
    struct again *a = context;
    enum { HANDSHAKE = 22, CLIENT_HELLO = 1, CCS = 20 };
    size_t n, at = 0;
    a->out.n = 0;
    assert_true(wt_buffer_add(&a->out, sent.p, sent.n));
    if (sent.n > 6 && sent.p[0] == CCS) /* RFC 8446, D.4: "immediately before its second flight" */
        at = 6;
    if (side == WT_SERVER || sent.n < at + HEADERS || sent.p[at] != HANDSHAKE || sent.p[at + 5] != CLIENT_HELLO)
        return sent;
    if (++a->hellos == 2) {
        uint8_t *block = block_of(a->out.p + at, &n);
        a->change(block, n);
    }
    return wt_buffer_span(&a->out);
}

static void start(struct pair *p, struct again *a, void (*change)(uint8_t *block, size_t n))
{
    static const uint16_t ours[] = {WT_GROUP_X25519, WT_GROUP_SECP256R1}, theirs[] = {WT_GROUP_SECP256R1};
    *a = (struct again){.change = change};
    pair_start(p, NULL);
    p->alone = true;
    p->options[WT_CLIENT].groups = ours;
    p->options[WT_CLIENT].group_count = 2;
    p->options[WT_SERVER].groups = theirs;
    p->options[WT_SERVER].group_count = 1;
    p->between = second_changed;
    p->context = a;
    pair_connect(p);
}

static void end(struct pair *p, struct again *a)
{
    assert_int_equal(a->hellos, 2);
    pair_end(p);
    wt_buffer_free(&a->out);
}

/* The first two extensions change places. */
static void swap(uint8_t *block, size_t n)
{
    uint8_t copy[4096];
    const size_t first = 4 + number(block + 2), second = 4 + number(block + first + 2);
    assert_true(first + second <= n && n <= sizeof copy);
    memcpy(copy, block, first + second);
    memcpy(block, copy + first, second);
    memcpy(block + second, copy, first);
}

/* "the client MUST send the same ClientHello without modification, except as follows": another order alone is told, and
 * taken. */
static void another_order(void **state)
{
    struct again a;
    struct pair p;
    struct wt_event event;
    unsigned warnings = 0;
    bool answered = false;
    (void)state;
    start(&p, &a, swap);
    while (a.hellos < 2)
        assert_true(pair_step(&p));
    while (wt_endpoint_next_event(p.e[WT_SERVER], &event)) {
        assert_true(event.kind != WT_EVENT_ALERT);
        if (event.kind == WT_EVENT_WARNING) {
            assert_string_equal(event.finding, "client-hello-reordered");
            warnings++;
        }
    }
    assert_int_equal(warnings, 1);
    assert_null(wt_endpoint_why(p.e[WT_SERVER]));
    const struct wt_span out = wt_endpoint_outgoing(p.e[WT_SERVER]);
    answered = out.n > HEADERS && out.p[0] == 22 && out.p[5] == 2;
    assert_true(answered); /* ServerHello */
    end(&p, &a);
}

static void one_other_byte(uint8_t *block, size_t n)
{
    const size_t body = number(block + 2);
    assert_true(body && 4 + body < n);
    block[4 + body - 1] ^= 1;
}

static void one_other_name(uint8_t *block, size_t n)
{
    (void)n;
    block[1] = 0x99; /* an extension that nobody knows */
}

static void both(uint8_t *block, size_t n)
{
    one_other_byte(block, n);
    swap(block, n);
}

/* Other content is refused, whatever its order. */
static void other_content(void **state)
{
    static void (*const changes[])(uint8_t *, size_t) = {one_other_byte, one_other_name, both};
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct again a;
        struct pair p;
        start(&p, &a, changes[i]);
        pair_run(&p);
        pair_assert_failed(&p, WT_SERVER, WT_ALERT_ILLEGAL_PARAMETER, "malformed-message");
        end(&p, &a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_order),
        cmocka_unit_test(other_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
