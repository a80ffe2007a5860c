/* An observer counts over a whole run; a file's own report needs what that file added. */
#include "tool.h"

#include <string.h>

static size_t copy(struct tool_counts *counts, const struct wt_undecoded *from, size_t n)
{
    n = n < TOOL_REASONS ? n : TOOL_REASONS;
    if (n)
        memcpy(counts->before, from, n * sizeof *from);
    return n;
}

static uint64_t counted(const struct tool_counts *counts, size_t n, const char *reason)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(counts->before[i].reason, reason))
            return counts->before[i].count;
    return 0;
}

/* What is more than before; returns how many. */
static size_t subtract(struct tool_counts *counts, size_t before, const struct wt_undecoded *now, size_t n)
{
    size_t more = 0;
    for (size_t i = 0; i < n && more < TOOL_REASONS; i++) {
        struct wt_undecoded *d = &counts->difference[more];
        *d = now[i];
        d->count -= counted(counts, before, d->reason);
        if (d->count > 0)
            more++;
    }
    return more;
}

void tool_share_begin(struct tool_share *share, const struct wt_summary *now)
{
    share->before = *now;
    share->before.undecoded_count = copy(&share->undecoded, now->undecoded, now->undecoded_count);
    share->before.account_count = copy(&share->account, now->account, now->account_count);
}

struct wt_summary tool_share_end(struct tool_share *share, const struct wt_summary *now)
{
    const struct wt_summary *before = &share->before;
    struct wt_summary added = *now;
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
    added.one_sided -= before->one_sided;
    added.undecoded = share->undecoded.difference;
    added.undecoded_count =
        subtract(&share->undecoded, before->undecoded_count, now->undecoded, now->undecoded_count);
    added.account = share->account.difference;
    added.account_count = subtract(&share->account, before->account_count, now->account, now->account_count);
    return added;
}
