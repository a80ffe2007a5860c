/* Whose connection it is, where somebody knows it; and stories that begin with what was asked. */
#include "keyed_samples.h"

static const struct wt_text_options wide = {.size = sizeof wide, .columns = 200};
static const char *const arguments[] = {"curl", "-s", "https://www.example.com/a\033b"};
static const struct wt_process process = {4711, "curl", arguments, 3};

static void stories_name_it(void **state)
{
    struct story *s = story_tls12_full();
    char *text = story_print(s, wide);
    (void)state;
    lacks(text, "pid");
    free(text);
    s->c.process = &process;
    text = story_print(s, wide);
    has(text, "www.example.com\n           curl (pid 4711): curl -s https://www.example.com/a\\x1bb\n");
    free(text);
    story_free(s);
}

static void lines_name_it(void **state)
{
    struct story *s = story_tls12_full();
    s->c.process = &process;
    char *text = line_of(s, 110);
    (void)state;
    has(text, "www.example.com  curl");
    free(text);
    /* in a narrow one the rest has its columns first */
    static const struct wt_process longer = {4711, "a-name-that-is-long", arguments, 3};
    s->c.process = &longer;
    text = line_of(s, 60);
    lacks(text, "a-name");
    free(text);
    story_free(s);
}

static void json_names_it(void **state)
{
    struct story *s = story_tls12_full();
    struct printed p = {NULL, 0, 0};
    struct wt_output output = {printed_write, &p, false};
    (void)state;
    wt_report_json_connection(&output, &s->c, NULL);
    lacks(p.text, "process");
    s->c.process = &process;
    wt_report_json_connection(&output, &s->c, NULL);
    has(p.text, "\"process\":{\"pid\":4711,\"program\":\"curl\",\"arguments\":[\"curl\",\"-s\","
                "\"https://www.example.com/a\\\\x1bb\"]}");
    free(p.text);
    story_free(s);
}

/* By default what was said stands behind the handshake, as it came. */
static void requests_come_first(void **state)
{
    static const struct wt_exchange exchange = {.request_frame = 9,
                                                .version = 11,
                                                .method = {(const uint8_t *)"GET", 3},
                                                .path = {(const uint8_t *)"/v1/items", 9},
                                                .status = 200};
    struct story *s = story_tls12_full();
    (void)state;
    s->c.exchanges = &exchange;
    s->c.exchange_count = 1;
    char *text = story_print(s, wide);
    assert_true(strstr(text, "/v1/items") > strstr(text, "offers TLS 1.2"));
    free(text);
    text = story_print(s, (struct wt_text_options){.columns = 200, .requests_first = true});
    has(text, "offers TLS 1.2");
    assert_true(strstr(text, "/v1/items") < strstr(text, "offers TLS 1.2"));
    free(text);
    story_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stories_name_it),
        cmocka_unit_test(lines_name_it),
        cmocka_unit_test(json_names_it),
        cmocka_unit_test(requests_come_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
