/* The straight way through a packet and the general walk: the same segment of each packet of tests/captures, and of
 * these with bytes of their headers changed. The folder is the argument. */
#include "capture/fragment.h"
#include "capture/straight.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *folder;
static unsigned straight, general;

static void expect_same(const struct wt_packet *packet)
{
    static struct wt_segment a, b;
    memset(&a, 0xaa, sizeof a);
    memset(&b, 0xaa, sizeof b);
    const enum wt_packet_reason reason = wt_packet_walk(NULL, packet, &b);
    if (!wt_straight_decode(packet, &a)) {
        general++;
        return;
    }
    straight++;
    assert_int_equal(reason, WT_PACKET_TCP);
    assert_memory_equal(&a, &b, sizeof a);
}

/* What lies before the payload, byte by byte: also what no peer sends. */
static void expect_same_of_changed(const struct wt_packet *packet)
{
    uint8_t bytes[128];
    struct wt_packet changed = *packet;
    if (packet->length > sizeof bytes)
        changed.length = sizeof bytes;
    memcpy(bytes, packet->data, changed.length);
    changed.data = bytes;
    expect_same(&changed);
    for (uint32_t i = 0; i < changed.length && i < 60; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            bytes[i] ^= (uint8_t)(1u << bit);
            expect_same(&changed);
            bytes[i] ^= (uint8_t)(1u << bit);
        }
        bytes[i] = packet->data[i];
    }
    for (; changed.length; changed.length--)
        expect_same(&changed);
}

static void read_capture(const char *name)
{
    char path[4096];
    struct wt_error error;
    struct wt_packet packet;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    struct wt_capture *c = wt_capture_open(path, &error);
    if (!c)
        return; /* keys, certificates */
    for (unsigned n = 0; wt_capture_next(c, &packet); n++) {
        expect_same(&packet);
        if (n < 3)
            expect_same_of_changed(&packet);
    }
    wt_capture_close(c);
}

static void all_captures(void **state)
{
    (void)state;
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d));)
        read_capture(e->d_name);
    (void)closedir(d);
    print_message("%u packets went straight, %u did not\n", straight, general);
    assert_true(straight > 10000 && general > 1000);
}

/* What decoding gives is what goes straight, and a datagram that was held is let go of. */
static void is_taken(void **state)
{
    static const uint8_t bytes[60] = {[12] = 8, 0, 0x45, 0, 0, 46, [23] = 6,    [26] = 192, 0,
                                      2,        1, 192,  0, 2, 2,  [46] = 0x50, 0x18};
    const struct wt_packet packet = {.link = 1, .data = bytes, .length = sizeof bytes, .original = sizeof bytes};
    struct wt_segment s;
    (void)state;
    assert_false(wt_straight_decode(&packet, &s)); /* six bytes: padding, perhaps */
    struct wt_fragments *f = wt_fragments_new();
    assert_int_equal(wt_packet_decode(f, &packet, &s), WT_PACKET_TCP);
    assert_int_equal(s.length, 6);
    wt_fragments_free(f);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_captures), cmocka_unit_test(is_taken)};
    folder = argc > 1 ? argv[1] : "tests/captures";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
