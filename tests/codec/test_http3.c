/* HTTP/3's fields in the data of streams that come packet by packet: each byte in one of them. */
#include "codec/http3.h"

#include "codec/datagram_fields.h"
#include "registry/registry.h"

#include "message_check.h"

static struct wt_trail_event events[EVENTS];
static struct wt_http3_places places;

static int start(void **state)
{
    (void)state;
    places = (struct wt_http3_places){.sections = true};
    return 0;
}

/* A STREAM frame's data, in a packet of nothing else: the trail of what is below it. */
static struct wt_trail read_data(uint64_t stream, uint64_t offset, struct wt_span data)
{
    struct wt_trail trail = {events, 0, wt_datagram_most_fields(data.n), 0};
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, data, &trail);
    (void)wt_read_bytes(&r, "stream_data", data.n);
    wt_http3_fields(&places, stream, offset, data, &r);
    assert_int_equal(trail.lost, 0);
    assert_null(trail_check(&trail, data.n));
    return trail;
}

static const struct wt_trail_event *find(const struct wt_trail *t, const char *field, unsigned nth)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->events[i].field, field) == 0 && nth-- == 0)
            return &t->events[i];
    return NULL;
}

static void value_is(const struct wt_trail *t, const char *field, unsigned nth, uint64_t value)
{
    const struct wt_trail_event *e = find(t, field, nth);
    if (!e)
        fail_msg("no %s", field);
    assert_int_equal(e->value, value);
}

static const char *name_of(const struct wt_trail *t, const char *field, unsigned nth)
{
    const struct wt_trail_event *e = find(t, field, nth);
    return e && e->form == WT_TRAIL_CODE ? wt_registry_name((enum wt_registry)e->kind, e->value) : NULL;
}

/* RFC 9114, 6.2.1 and 7.2.4; 7.2.6; RFC 9218, 7.2. */
static void a_control_stream(void **state)
{
    (void)state;
    const struct wt_span data = hex("00 04 06 01 4064 07 10 21 07 01 08 800f0700 04 00 752c69 21 02 0102");
    const struct wt_trail t = read_data(2, 0, data);
    value_is(&t, "stream_type", 0, 0);
    assert_int_equal(find(&t, "stream_type", 0)->kind, WT_REG_HTTP3_STREAM);
    value_is(&t, "http3_type", 0, 0x04);
    value_is(&t, "http3_length", 0, 6);
    value_is(&t, "identifier", 0, 1);
    value_is(&t, "value", 0, 100);
    value_is(&t, "identifier", 1, 7);
    value_is(&t, "value", 1, 16);
    assert_non_null(find(&t, "frame_payload", 0)); /* an identifier without its value */
    assert_int_equal(find(&t, "stream_data", 0)->form, WT_TRAIL_LIST);
    const struct wt_trail more = read_data(2, data.n, hex("07 01 08"));
    value_is(&more, "goaway_id", 0, 8);
    const struct wt_trail priority = read_data(2, data.n + 3, hex("800f0700 04 00 753d31 0d 01 3f"));
    value_is(&priority, "prioritized_element_id", 0, 0);
    assert_int_equal(find(&priority, "priority_field_value", 0)->length, 3);
    value_is(&priority, "push_id", 0, 63);
}

/* RFC 9204, 4.5: each form of a field line. */
static void a_field_section(void **state)
{
    (void)state;
    const struct wt_trail t = read_data(
        0, 0, hex("01 1e 02 81 d1 81 51 01 2f 23 666f6f 83 aabbcc 12 01 02 6869 ff 01 48 02 abcd 00 02 6869"));
    value_is(&t, "encoded_insert_count", 0, 2);
    value_is(&t, "delta_base", 0, 1);
    value_is(&t, "static_index", 0, 17);
    assert_string_equal(name_of(&t, "static_index", 0), ":method: GET");
    assert_string_equal(name_of(&t, "static_name_index", 0), ":path");
    value_is(&t, "dynamic_index", 0, 1);
    value_is(&t, "static_name_index", 0, 1);
    assert_int_equal(find(&t, "field_value", 0)->form, WT_TRAIL_TEXT);
    assert_int_equal(find(&t, "field_name", 0)->length, 3);
    assert_int_equal(find(&t, "field_value", 1)->form, WT_TRAIL_BYTES); /* Huffman */
    value_is(&t, "post_base_index", 0, 2);
    value_is(&t, "post_base_name_index", 0, 1);
    value_is(&t, "static_index", 1, 64);
    value_is(&t, "dynamic_name_index", 0, 8);
}

/* Field sections are what the application says: closed, they are one field, and so are data. */
static void closed_sections(void **state)
{
    (void)state;
    places.sections = false;
    const struct wt_trail t = read_data(0, 0, hex("01 04 0000 d1 c1 00 03 616263"));
    assert_true(wt_datagram_is_application(find(&t, "encoded_field_section", 0)));
    assert_true(wt_datagram_is_application(find(&t, "http3_data", 0)));
    assert_false(wt_datagram_is_application(find(&t, "stream_data", 0)));
    assert_null(find(&t, "static_index", 0));
}

/* Packets end anywhere: within a frame's head, within its payload. */
static void frames_over_packets(void **state)
{
    (void)state;
    uint8_t whole[80] = {0x01, 3, 0, 0, 0xd1, 0x00, 0x40, 65}; /* HEADERS, DATA of 65 bytes */
    const size_t n = 8 + 65;
    for (size_t at = 1; at < n; at++) {
        places = (struct wt_http3_places){.sections = true};
        (void)read_data(4, 0, wt_span_of(whole, at));
        (void)read_data(4, at, wt_span_of(whole + at, n - at));
        const struct wt_trail t = read_data(4, n, hex("01 02 0000"));
        value_is(&t, "http3_length", 0, 2);
        assert_non_null(find(&t, "encoded_insert_count", 0));
    }
}

/* Behind a gap nobody knows where frames begin; other streams do not mind. */
static void gaps(void **state)
{
    (void)state;
    (void)read_data(0, 0, hex("00 0a 3031"));
    const struct wt_trail behind = read_data(0, 5, hex("0000"));
    assert_int_equal(behind.n, 1);
    assert_int_equal(behind.events[0].form, WT_TRAIL_BYTES);
    const struct wt_trail other = read_data(4, 0, hex("00 00"));
    value_is(&other, "http3_length", 0, 0);
    const struct wt_trail filled = read_data(0, 4, hex("32"));
    assert_non_null(find(&filled, "http3_data", 0));
    /* the other side's half of a stream is another */
    places.from = 1;
    const struct wt_trail answer = read_data(0, 0, hex("00 01 41"));
    assert_non_null(find(&answer, "http3_data", 0));
}

static void other_streams(void **state)
{
    (void)state;
    const struct wt_trail qpack = read_data(2, 0, hex("02 3fe11f"));
    value_is(&qpack, "stream_type", 0, 2);
    assert_true(wt_datagram_is_application(find(&qpack, "stream_rest", 0)));
    const struct wt_trail more = read_data(2, 4, hex("0102"));
    assert_int_equal(more.events[0].form, WT_TRAIL_BYTES);
    const struct wt_trail push = read_data(3, 0, hex("01 05 00 01 41"));
    value_is(&push, "push_id", 0, 5);
    assert_non_null(find(&push, "http3_data", 0));
}

static void places_that_are_kept(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < WT_LIMIT_HTTP3_PLACES; i++)
        (void)read_data(4 * i, 0, hex("00 03 41"));
    assert_true(read_data(0, 3, hex("41")).n > 1);
    (void)read_data(4 * WT_LIMIT_HTTP3_PLACES, 0, hex("00 03 41"));
    assert_int_equal(read_data(0, 4, hex("41")).n, 1);
    assert_true(read_data(4, 3, hex("41")).n > 1);
}

/* Whatever is there, cut anywhere, is in one field each. */
static void anything(void **state)
{
    (void)state;
    uint8_t room[64];
    uint32_t seed = 1;
    for (unsigned round = 0; round < 20000; round++) {
        const size_t n = 1 + round % sizeof room;
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1664525 + 1013904223;
            room[i] = (uint8_t)(seed >> 24) & (round & 1 ? 0x0f : 0xff);
        }
        places = (struct wt_http3_places){.sections = round & 2};
        (void)read_data(round & 4 ? 2 : 0, 0, wt_span_of(room, n / 2));
        (void)read_data(round & 4 ? 2 : 0, n / 2, wt_span_of(room + n / 2, n - n / 2));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_control_stream, start),
        cmocka_unit_test_setup(a_field_section, start),
        cmocka_unit_test_setup(closed_sections, start),
        cmocka_unit_test_setup(frames_over_packets, start),
        cmocka_unit_test_setup(gaps, start),
        cmocka_unit_test_setup(other_streams, start),
        cmocka_unit_test_setup(places_that_are_kept, start),
        cmocka_unit_test_setup(anything, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
