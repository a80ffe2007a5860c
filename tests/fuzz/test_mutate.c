/* Mutations of TLS and of captures: what is around the change stays right, and each kind of change happens. */
#include "../../fuzz/capture_items.h"
#include "../../fuzz/mutate_capture.h"
#include "../../fuzz/mutate_steps.h"
#include "../../fuzz/mutate_tls.h"
#include "capture/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 8192, SEEDS = 4000, ETHERNET_IP = 34 };

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

/* In the place of libFuzzer's: turns a bit, or adds a byte. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most)
{
    static unsigned calls;
    if (size == 0)
        return 0;
    calls++;
    data[calls % size] ^= (uint8_t)(1u << calls % 8);
    if (size < most)
        data[size++] = (uint8_t)calls;
    return size;
}

/* A ClientHello with two extensions in a record; a Certificate (TLS 1.2) with one of two DER elements, and
 * ServerHelloDone, in another. */
static const uint8_t stream[] = {
    0x16, 3,  1,  0,  63, 1,  0,  0,  59,   3,  3,  1,   2,   3,  4,    5,   6,   7,   8,    9, 10, 11,   12, 13,   14,
    15,   16, 17, 18, 19, 20, 21, 22, 23,   24, 25, 26,  27,  28, 29,   30,  31,  32,  0,    0, 4,  0x13, 1,  0x13, 2,
    1,    0,  0,  14, 0,  16, 0,  5,  0,    3,  2,  'h', '2', 0,  0x17, 0,   1,   0,   0x16, 3, 3,  0,    24, 11,   0,
    0,    16, 0,  0,  13, 0,  0,  10, 0x30, 8,  2,  1,   1,   4,  3,    'a', 'b', 'c', 14,   0, 0,  0};

static size_t get(const uint8_t *p, size_t n)
{
    size_t value = 0;
    while (n--)
        value = value << 8 | *p++;
    return value;
}

/* How many elements of a head and a length fill the bytes; 0 when they do not. */
static size_t tiles(const uint8_t *p, size_t n, size_t head, size_t width)
{
    size_t count = 0;
    for (size_t at = 0; at < n; count++) {
        if (n - at < head + width)
            return 0;
        at += head + width + get(p + at + head, width);
        if (at > n)
            return 0;
    }
    return count;
}

static void test_tls(void **state)
{
    size_t changed = 0, records[8] = {0}, messages[8] = {0}, longer = 0, shorter = 0;
    (void)state;
    assert_int_equal(tiles(stream, sizeof stream, 3, 2), 2);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        uint8_t room[ROOM];
        struct text text = {room, sizeof stream, sizeof room};
        struct dice dice = dice_of(seed);
        memcpy(room, stream, sizeof stream);
        size_t n = mutate_tls(&text, 0, sizeof stream, SHAPE_STREAM, &dice);
        assert_int_equal(n, text.n);
        changed += n != sizeof stream || memcmp(room, stream, n) != 0;
        longer += n > sizeof stream;
        shorter += n < sizeof stream;
        size_t count = tiles(room, n, 3, 2);
        assert_true(count > 0 || n == 0);
        records[count < 7 ? count : 7]++;
        for (size_t at = 0; at < n; at += 5 + get(room + at + 3, 2)) {
            size_t body = get(room + at + 3, 2);
            count = tiles(room + at + 5, body, 1, 3);
            assert_true(count > 0 || body == 0);
            messages[count < 7 ? count : 7]++;
        }
    }
    assert_true(changed > SEEDS * 3 / 4 && longer > SEEDS / 10 && shorter > SEEDS / 10);
    assert_true(records[1] && records[2] && records[3]);
    assert_true(messages[1] && messages[2] && messages[3]);
}

/* The lengths around a DER element, in the longer form where it needs one. */
static void test_der(void **state)
{
    uint8_t room[ROOM] = {0x30, 0x79, 4, 0x77};
    struct text text = {room, 0x7b, sizeof room};
    size_t longer = 0;
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS && text.n < 0x200; seed++) {
        struct dice dice = dice_of(seed);
        size_t before = text.n;
        (void)mutate_tls(&text, 0, text.n, SHAPE_DER, &dice);
        longer += text.n > before;
        if (text.n < 4)
            break;
        if (room[1] == 0x82)
            assert_int_equal(get(room + 2, 2) + 4, text.n);
        else if (room[1] == 0x81)
            assert_int_equal(room[2] + 3, text.n);
    }
    assert_true(longer > 0);
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

static size_t head_of(uint8_t what, bool *carries)
{
    *carries = what != 0xff;
    return 1;
}

/* The stream above in three steps, after a byte that is none: what they carry together stays records. */
static void test_steps(void **state)
{
    size_t whole = 0, longer = 0, others = 0;
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        uint8_t input[ROOM] = {7}, said[ROOM];
        size_t n = 1, at = 0, all = 0;
        for (size_t part; at < sizeof stream; at += part) {
            part = sizeof stream - at < 40 ? sizeof stream - at : 40;
            input[n++] = 1;
            input[n++] = (uint8_t)part;
            memcpy(input + n, stream + at, part);
            n += part;
        }
        n = mutate_steps(input, n, sizeof input, 1, head_of, true, seed);
        assert_in_range(n, 0, sizeof input);
        for (at = 1; at + 2 <= n && at + 2 + input[at + 1] <= n; at += 2 + input[at + 1]) {
            memcpy(said + all, input + at + 2, input[at + 1]);
            all += input[at + 1];
        }
        others += at != n || input[0] != 7;
        whole += at == n && tiles(said, all, 3, 2) > 0;
        longer += all > sizeof stream;
    }
    /* one in eight is libFuzzer's own; a step alone is dropped, doubled or moved in a third of the changes */
    assert_in_range(others, 1, SEEDS / 4);
    assert_in_range(whole, SEEDS / 4, SEEDS);
    assert_in_range(longer, SEEDS / 8, SEEDS);
}

/* --- captures ----------------------------------------------------------------------------------------------------- */

static void put_segment(struct items *items, unsigned side, uint32_t number, uint32_t acknowledged, unsigned flags,
                        const uint8_t *bytes, size_t n)
{
    uint8_t p[ROOM] = {[12] = 8, [14] = 0x45, [22] = 64, [23] = 6};
    store16be(p + 16, 40 + n);
    store32be(p + 26 + 4 * side, 0xc0000201);
    store32be(p + 30 - 4 * side, 0xc0000202);
    store16be(p + 34 + 2 * side, 40000);
    store16be(p + 36 - 2 * side, 443);
    store32be(p + 38, number);
    store32be(p + 42, acknowledged);
    p[46] = 0x50;
    p[47] = (uint8_t)flags;
    if (n)
        memcpy(p + 54, bytes, n);
    struct item like = {.time = (uint64_t)(items->count + 1) << 32, .link = LINK_ETHERNET, .is_packet = true};
    assert_true(items_insert(items, items->count, &like, p, 54 + n));
    items_checksums(&items->all[items->count - 1]);
}

/* A connection's first packets; pcap, or pcapng with a section, an interface, and names that nobody reads. */
static size_t write_capture(uint8_t *file, size_t room, bool next_generation)
{
    static const uint8_t head[24] = {0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, [18] = 4, [20] = LINK_ETHERNET};
    static const uint8_t section[28] = {0x0a, 0x0d, 0x0d, 0x0a, 28, [8] = 0x4d, 0x3c, 0x2b, 0x1a, 1, [24] = 28};
    static const uint8_t interface[20] = {1, [4] = 20, [8] = LINK_ETHERNET, [16] = 20};
    struct items items = {.all = calloc(ITEMS_MOST, sizeof *items.all), .next_generation = next_generation};
    struct item like = {.is_packet = false};
    assert_non_null(items.all);
    memcpy(items.head, head, sizeof head);
    if (next_generation) {
        assert_true(items_insert(&items, 0, &like, section, sizeof section));
        assert_true(items_insert(&items, 1, &like, interface, sizeof interface));
    }
    put_segment(&items, 0, 1000, 0, 2, NULL, 0);
    put_segment(&items, 1, 5000, 1001, 0x12, NULL, 0);
    put_segment(&items, 0, 1001, 5001, 0x18, stream, 68);
    put_segment(&items, 1, 5001, 1069, 0x18, stream + 68, sizeof stream - 68);
    put_segment(&items, 0, 1069, 5001 + sizeof stream - 68, 0x18, (const uint8_t *)"more", 4);
    put_segment(&items, 0, 1073, 5001 + sizeof stream - 68, 0x11, NULL, 0);
    size_t n = items_write(&items, file, room);
    items_free(&items);
    return n;
}

struct effects {
    size_t damaged, fewer, more, cut, tagged, fragmented, later, right, renumbered, bytes;
};

static void look(const uint8_t *file, size_t n, struct effects *e)
{
    struct wt_error error;
    struct wt_capture *c = wt_capture_open_memory((struct wt_span){file, n}, &error);
    struct wt_packet packet;
    size_t count = 0;
    if (!c) {
        e->damaged++;
        return;
    }
    for (; wt_capture_next(c, &packet); count++) {
        e->cut += packet.length < packet.original;
        e->tagged +=
            packet.length > 14 && (load16be(packet.data + 12) == 0x8100 || load16be(packet.data + 12) == 0x88a8);
        e->fragmented += packet.length > ETHERNET_IP && load16be(packet.data + 12) == 0x0800 &&
                         (load16be(packet.data + 20) & 0x2000) != 0;
        e->later += packet.time.ns > 1000000000000;
    }
    e->damaged += wt_capture_error(c)->code != WT_OK;
    wt_capture_close(c);
    e->fewer += count < 6;
    e->more += count > 6;
}

/* Segments whose checksums are right; and whether the client's third one follows its second, of another length. */
static void look_inside(const uint8_t *file, size_t n, struct effects *e)
{
    struct items items;
    struct tcp_view a, b;
    if (!items_read(&items, file, n))
        return;
    for (size_t i = 0; i < items.count; i++) {
        if (!items_tcp(&items.all[i], &a))
            continue;
        uint16_t had = load16be(a.tcp + 16);
        items_checksums(&items.all[i]);
        e->right += load16be(a.tcp + 16) == had;
        e->bytes++;
    }
    size_t third = items.next_generation ? 4 : 2;
    if (items.count == third + 4 && items_tcp(&items.all[third], &a) && items_tcp(&items.all[third + 2], &b) &&
        a.n != 68 && a.n > 0 && b.n == 4)
        e->renumbered += load32be(b.tcp + 4) == load32be(a.tcp + 4) + a.n;
    items_free(&items);
}

static void test_captures(void **state)
{
    (void)state;
    for (int next_generation = 0; next_generation < 2; next_generation++) {
        uint8_t file[ROOM], again[ROOM];
        struct effects e = {0};
        size_t original = write_capture(file, sizeof file, next_generation), n;
        assert_true(original > 400);
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            struct dice dice = dice_of(seed);
            if (dice_one_in(&dice, 16))
                continue; /* libFuzzer's own */
            (void)write_capture(file, sizeof file, next_generation);
            n = mutate_capture(file, original, sizeof file, seed);
            assert_true(n > 0 && n <= sizeof file);
            look(file, n, &e);
            look_inside(file, n, &e);
        }
        /* pcapng's blocks beside packets are bytes to it, whose length it keeps */
        assert_in_range(e.damaged, 0, next_generation ? SEEDS / 8 : 0);
        assert_true(e.fewer > 100 && e.more > 100 && e.cut > 100 && e.tagged > 100 && e.fragmented > 100 &&
                    e.later > 100);
        assert_true(e.right > e.bytes * 9 / 10);
        assert_true(e.renumbered > 50);
        /* what does not fit is left out */
        n = mutate_capture(file, write_capture(file, sizeof file, next_generation), original, 5);
        assert_true(n <= original);
        n = cross_captures(file, write_capture(file, sizeof file, next_generation), file, original, again, sizeof again,
                           7);
        e = (struct effects){0};
        look(again, n, &e);
        assert_int_equal(e.more, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tls),
        cmocka_unit_test(test_der),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_captures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
