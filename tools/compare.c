/* wiretale compare: what two captures of the same connections have different. */
#include "common.h"

#include "wiretale/compare.h"

#include <inttypes.h>

static const uint8_t options[] = {OPTION_JSON, OPTIONS_OF_LOOK, OPTION_COUNT};

static int run(int argc, char **argv);

const struct tool_command tool_compare = {
    .name = "compare",
    .operands = N_("A B"),
    .text = N_("say what differs between two captures of the same connections"),
    .more = N_("A and B are captures that were made at two places, as at the client and at the server. Their TLS "
               "connections are matched by the randoms of their hellos, else by sequence numbers or addresses, also "
               "through address translation. Told is what something between them rewrote, lost, or sent in another's "
               "name, which of the two lies nearer to the client, and how far they and their clocks are apart.\n"
               "Exit status: 0 when nothing differs but the time; 1 when something does, or an input is damaged or "
               "missing; 2 for wrong usage."),
    .options = options,
    .run = run,
};

struct job {
    struct tool_common common;
    struct wt_text_options text;
    struct wt_output output;
    uint64_t connections, different;
};

static void told(void *context, const struct wt_compared *compared)
{
    struct job *job = context;
    if (job->connections++ && !job->common.json)
        tool_output_text(&job->output, "\n");
    job->different += compared->difference_count > 0;
    if (job->common.json)
        wt_report_json_compared(&job->output, compared);
    else
        wt_report_text_compared(&job->output, compared, &job->text);
}

static bool read_side(struct wt_compare *compare, unsigned side, const char *name)
{
    struct wt_capture *capture = tool_capture_open(&tool_compare, name, NULL);
    struct wt_packet packet;
    uint64_t packets = 0;
    if (!capture)
        return false;
    tool_progress_begin(name);
    while (wt_capture_next(capture, &packet)) {
        wt_compare_packet(compare, side, &packet);
        tool_progress_step(capture, ++packets);
    }
    tool_progress_end();
    return tool_capture_close(&tool_compare, name, capture);
}

static int compare(struct job *job, char **names)
{
    struct wt_compare *c = wt_compare_new();
    bool whole;
    if (!c) {
        tool_complain(&tool_compare, "%s", _("out of memory"));
        return TOOL_BAD_INPUT;
    }
    whole = read_side(c, 0, names[0]);
    whole = read_side(c, 1, names[1]) && whole;
    tool_stdout_open(&job->output);
    wt_compare_finish(c, told, job);
    if (tool_stdout_close(&job->output) != TOOL_OK)
        whole = false;
    if (wt_compare_left_out(c))
        tool_complain(&tool_compare, _("too many conversations: %" PRIu64 " packets are not compared"),
                      wt_compare_left_out(c));
    if (job->connections == 0) {
        tool_complain(&tool_compare, "%s", _("no TLS connection is in either capture"));
        whole = false;
    }
    wt_compare_free(c);
    return whole && job->different == 0 ? TOOL_OK : TOOL_BAD_INPUT;
}

static int run(int argc, char **argv)
{
    struct tool_arguments a = {.command = &tool_compare, .argv = argv, .argc = argc};
    struct job job = {.connections = 0};
    int status = TOOL_USAGE, which;
    while ((which = tool_arguments_next(&a)) >= 0 && tool_common_option(&job.common, &a))
        ;
    if (which == TOOL_END && a.operands != 2) {
        tool_complain(&tool_compare, "%s", _("which two captures? As in: wiretale compare CLIENT.pcap SERVER.pcap"));
    } else if (which == TOOL_END) {
        job.text = tool_look_settle(&job.common.look);
        status = compare(&job, argv);
    }
    tool_common_close(&job.common);
    return status;
}
