/* A message with as many fields as a trail keeps, and with one more: each report says so. */
#include "story_samples.h"

#include "base/buffer.h"
#include "registry/limits.h"
#include "report/fields.h"

/* RFC 8446, 4.1.2: a ClientHello with so many cipher suites and 32764 groups. */
static struct wt_span hello_with(struct wt_buffer *b, unsigned suites)
{
    enum { GROUPS = 32764 };
    static const uint8_t zeros[2 * WT_LIMIT_TRAIL];
    const uint8_t middle[] = {1, 0, 0xff, 0xfe, 0, 10, 0xff, 0xfa, 0xff, 0xf8};
    const uint8_t length[] = {(uint8_t)(2 * suites >> 8), (uint8_t)(2 * suites)};
    b->n = 0;
    assert_true(wt_buffer_add(b, "\3\3", 2) && wt_buffer_add(b, zeros, 32 + 1) && wt_buffer_add(b, length, 2) &&
                wt_buffer_add(b, zeros, (size_t)2 * suites) && wt_buffer_add(b, middle, sizeof middle) &&
                wt_buffer_add(b, zeros, (size_t)2 * GROUPS));
    return wt_buffer_span(b);
}

static struct wt_message message_of(struct wt_span body)
{
    return (struct wt_message){.content_type = WT_CONTENT_HANDSHAKE,
                               .type = WT_HANDSHAKE_CLIENT_HELLO,
                               .flags = WT_MESSAGE_TYPED,
                               .body = body};
}

/* How many suites make so many fields. */
static unsigned suites_for(size_t fields)
{
    static struct wt_trail_event events[2 * WT_LIMIT_TRAIL];
    struct wt_trail trail = {events, 0, 2 * WT_LIMIT_TRAIL, 0};
    struct wt_buffer b = {0};
    struct wt_error error;
    const struct wt_message m = message_of(hello_with(&b, 1));
    wt_fields_decode(&m, &trail, NULL, &error);
    assert_int_equal(error.code, WT_OK);
    wt_buffer_free(&b);
    return (unsigned)(fields - trail.n) + 1;
}

struct counted {
    size_t fields, lost;
};

static bool count(void *context, const struct wt_field *field)
{
    struct counted *c = context;
    if (field->kind == WT_FIELD_ERROR && field->error->code == WT_LIMIT)
        c->lost = (size_t)field->error->value;
    else
        c->fields++;
    return true;
}

static void test_fields(void **state)
{
    struct wt_buffer b = {0};
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        struct counted c = {0, 0};
        const struct wt_message m = message_of(hello_with(&b, suites_for(WT_LIMIT_TRAIL + more)));
        assert_int_equal(wt_fields_message(&m, count, &c), !more);
        assert_int_equal(c.fields, WT_LIMIT_TRAIL);
        assert_int_equal(c.lost, more ? WT_LIMIT_TRAIL + 1 : 0);
    }
    wt_buffer_free(&b);
}

static void test_reports(void **state)
{
    struct wt_buffer b = {0};
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        struct story *s = story_tls12_full();
        s->messages[0].body = hello_with(&b, suites_for(WT_LIMIT_TRAIL + more));
        struct printed p = {NULL, 0, 0};
        struct wt_output output = {printed_write, &p, false};
        const struct wt_json_options options = {.size = sizeof options, .messages = true};
        wt_report_json_connection(&output, &s->c, &options);
        (more ? has : lacks)(p.text, "\"fields_lost\":1,");
        free(p.text);
        char *text = story_print_flat(s, (struct wt_text_options){.columns = 110, .explain = true});
        (more ? has : lacks)(text, " 1 more field ");
        free(text);
        story_free(s);
    }
    wt_buffer_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_reports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
