/* One line for each failed connection of captures: who, why, and what to do.
 *
 *     cc failures.c $(pkg-config --cflags --libs wiretale) -o failures && ./failures *.pcap
 *
 * The observer is fed packets and calls back with each connection's story once it is over; the finding of severity
 * WT_FATAL is the root cause of its failure. */
#include <wiretale/wiretale.h>

#include <stdio.h>

static void print_failure(void *context, const struct wt_connection *connection)
{
    char client[46], server[46];
    const struct wt_finding *finding;
    if (connection->state != WT_FAILED)
        return;
    for (size_t i = 0; (finding = wt_connection_finding(connection, i)); i++)
        if (finding->severity == WT_FATAL)
            printf("%s: %s:%u -> %s:%u: %s: %s %s\n", connection->file, wt_address_format(&connection->client, client),
                   connection->client.port, wt_address_format(&connection->server, server), connection->server.port,
                   finding->id, finding->text, finding->advice ? finding->advice : "");
    (void)context;
}

int main(int argc, char **argv)
{
    struct wt_observer_options options = {.size = sizeof options, .connection = print_failure};
    struct wt_observer *observer = wt_observer_new(&options, NULL);
    struct wt_error error;
    struct wt_packet packet;
    int damaged = 0;
    for (int i = 1; observer && i < argc; i++) {
        struct wt_capture *capture = wt_capture_open(argv[i], &error);
        wt_observer_file(observer, argv[i]);
        while (capture && wt_capture_next(capture, &packet))
            wt_observer_packet(observer, &packet);
        damaged |= !capture || wt_capture_error(capture)->code != WT_OK;
        wt_capture_close(capture);
    }
    if (observer)
        wt_observer_finish(observer);
    wt_observer_free(observer);
    return damaged || !observer;
}
