/* An observer counts over a whole run; a file's own report needs what that file added. */
#include "tool.h"

#include <string.h>

static size_t copy(struct wt_undecoded *out, const struct wt_summary *from)
{
    size_t n = from->undecoded_count < TOOL_REASONS ? from->undecoded_count : TOOL_REASONS;
    if (n)
        memcpy(out, from->undecoded, n * sizeof *out);
    return n;
}

static uint64_t counted(const struct tool_share *share, const char *reason)
{
    for (size_t i = 0; i < share->before.undecoded_count; i++)
        if (!strcmp(share->reasons[i].reason, reason))
            return share->reasons[i].count;
    return 0;
}

void tool_share_begin(struct tool_share *share, const struct wt_summary *now)
{
    share->before = *now;
    share->before.undecoded = share->reasons;
    share->before.undecoded_count = copy(share->reasons, now);
}

struct wt_summary tool_share_end(struct tool_share *share, const struct wt_summary *now)
{
    const struct wt_summary *before = &share->before;
    struct wt_summary added = *now;
    size_t n = 0;
    added.files = 1;
    added.packets -= before->packets;
    added.bytes -= before->bytes;
    added.connections -= before->connections;
    added.established -= before->established;
    added.failed -= before->failed;
    added.incomplete -= before->incomplete;
    added.elsewhere -= before->elsewhere;
    added.udp_packets -= before->udp_packets;
    added.udp_bytes -= before->udp_bytes;
    added.udp_conversations -= before->udp_conversations;
    for (size_t i = 0; i < now->undecoded_count && n < TOOL_REASONS; i++) {
        struct wt_undecoded *d = &share->difference[n];
        *d = now->undecoded[i];
        d->count -= counted(share, d->reason);
        if (d->count > 0)
            n++;
    }
    added.undecoded = share->difference;
    added.undecoded_count = n;
    return added;
}
