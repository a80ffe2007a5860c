/* wiretale compare: what two captures of the same connections have different. */
#include "common.h"

#include "wiretale/compare.h"

#include <inttypes.h>

static const uint8_t options[] = {OPTION_JSON, OPTIONS_OF_LOOK, OPTION_COUNT};

static int run(int argc, char **argv);

const struct tool_command tool_compare = {
    .name = "compare",
    .operands = N_("A B"),
    .text = N_("show what differs between two captures of the same connections"),
    .more = N_("A and B are captures made at two places, such as at the client and at the server. Their TLS "
               "connections are matched by the randoms of the hellos, else by sequence numbers or addresses, even "
               "through NAT. The output shows what was rewritten, lost or injected between the two, which one is "
               "closer to the client, the round-trip time between them and the offset of their clocks.\n"
               "Exit status: 0 if nothing differs except timing; 1 if something does, or an input is damaged or "
               "missing; 2 for usage errors."),
    .options = options,
    .run = run,
};

struct job {
    struct tool_common common;
    struct wt_text_options text;
    struct wt_output output;
    struct wt_compare_overview overview;
    uint64_t connections;
};

static void told(void *context, const struct wt_compared *compared)
{
    struct job *job = context;
    struct wt_compare_overview *o = &job->overview;
    if (job->connections++ && !job->common.json)
        tool_output_text(&job->output, "\n");
    if (compared->match == WT_MATCH_NONE)
        o->alone[!compared->seen[0].present]++;
    else
        o->both++;
    o->different += compared->match != WT_MATCH_NONE && compared->difference_count > 0;
    if (job->common.json)
        wt_report_json_compared(&job->output, compared);
    else
        wt_report_text_compared(&job->output, compared, &job->text);
}

/* False when it is no capture, or is not there: then there is nothing to compare. */
static bool read_side(struct wt_compare *compare, unsigned side, const char *name, struct wt_compare_overview *overview,
                      bool *whole)
{
    struct wt_capture *capture = tool_capture_open(&tool_compare, name, NULL);
    struct wt_packet packet;
    uint64_t packets = 0;
    overview->file[side] = name;
    if (!capture)
        return false;
    tool_progress_begin(name);
    while (wt_capture_next(capture, &packet)) {
        wt_compare_packet(compare, side, &packet);
        tool_progress_step(capture, ++packets);
    }
    tool_progress_end();
    overview->packets[side] = packets;
    *whole = tool_capture_close(&tool_compare, name, capture) && *whole;
    return true;
}

static void report(struct job *job, struct wt_compare *c)
{
    const struct wt_compare_overview *o = &job->overview;
    if (!job->common.json)
        wt_report_text_compare_head(&job->output, o, &job->text);
    wt_compare_finish(c, told, job);
    job->overview.left_out = wt_compare_left_out(c);
    if (job->common.json)
        wt_report_json_compare_end(&job->output, o);
    else if (job->connections > 1)
        wt_report_text_compare_end(&job->output, o, &job->text);
}

static int compare(struct job *job, char **names)
{
    struct wt_compare *c = wt_compare_new();
    bool whole = true;
    if (!c) {
        tool_complain(&tool_compare, "%s", _("out of memory"));
        return TOOL_BAD_INPUT;
    }
    struct wt_compare_overview *o = &job->overview;
    if (!read_side(c, 0, names[0], o, &whole) || !read_side(c, 1, names[1], o, &whole)) {
        wt_compare_free(c);
        return TOOL_BAD_INPUT;
    }
    tool_stdout_open(&job->output);
    report(job, c);
    if (tool_stdout_close(&job->output) != TOOL_OK)
        whole = false;
    if (o->left_out)
        tool_complain(&tool_compare, _("too many conversations: %" PRIu64 " packets were not compared"), o->left_out);
    if (job->connections == 0)
        tool_complain(&tool_compare, "%s", _("no TLS connection in either capture"));
    else if (o->both == 0)
        tool_complain(&tool_compare, "%s",
                      _("no connection in common: neither randoms, nor sequence numbers, nor addresses match. Were "
                        "both captures made at the same time, of the same traffic?"));
    wt_compare_free(c);
    return whole && o->both && o->different + o->alone[0] + o->alone[1] == 0 ? TOOL_OK : TOOL_BAD_INPUT;
}

static int run(int argc, char **argv)
{
    struct tool_arguments a = {.command = &tool_compare, .argv = argv, .argc = argc};
    struct job job = {.overview.size = sizeof job.overview};
    int status = TOOL_USAGE, which;
    while ((which = tool_arguments_next(&a)) >= 0 && tool_common_option(&job.common, &a))
        ;
    if (which == TOOL_END && a.operands != 2) {
        tool_complain(&tool_compare, "%s", _("expected two captures: wiretale compare CLIENT.pcap SERVER.pcap"));
    } else if (which == TOOL_END) {
        job.text = tool_look_settle(&job.common.look);
        status = compare(&job, argv);
    }
    tool_common_close(&job.common);
    return status;
}
