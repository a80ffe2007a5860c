/* The observer as a whole, without keys: see watch.h.
 *
 * The first byte chooses the way in (stream bytes, TCP segments put into packets here, raw packets of any link type)
 * and the options; the rest is a list of steps. */
#include "watch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

/* Observers live on from input to input, as over many files: making one costs more than most inputs. */
static struct wt_observer *observer_of(unsigned which, struct heard *heard)
{
    static struct wt_observer *all[4];
    struct wt_observer_options options = {.size = sizeof options,
                                          .connection = on_connection,
                                          .known = which & 1 ? on_known : NULL,
                                          .context = heard,
                                          .keep_messages = which & 2};
    if (!all[which])
        all[which] = wt_observer_new(&options, NULL);
    return all[which];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct wt_filter *filter;
    static struct heard heards[4];
    struct wt_filter_error filter_error;
    if (size < 2)
        return 0;
    if (!filter)
        filter = wt_filter_compile("tls.handshake.extensions_server_name contains \"a\" || "
                                   "tls.handshake.type == 2 || ip.addr == 192.0.2.1",
                                   &filter_error);
    hold(filter != NULL, "a filter that does not compile");
    unsigned how = data[0], mode = how % 3;
    struct heard *heard = &heards[how >> 6];
    struct wt_observer *o = observer_of(how >> 6, heard);
    if (!o)
        return 0;
    heard->filter = filter;
    heard->last_stream = -1;
    heard->many_files = mode == PACKETS;
    wt_observer_file(o, "capture");
    way(o, mode, data + 1, size - 1);
    wt_observer_finish(o);
    check_summary(o, heard);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    return mutate_way(data, size, most, seed);
}
