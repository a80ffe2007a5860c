/* Each field of the first ClientHello of a capture: offset, length, name, and what it means.
 *
 *     cc fields.c $(pkg-config --cflags --libs wiretale) -o fields && ./fields capture.pcap
 *
 * Messages are kept when that is asked for; wt_fields_message() walks one by what the decoder itself has read. Give the
 * bytes of the field "cert_data" of a Certificate to wt_fields_certificate() to go on inside. */
#include <wiretale/wiretale.h>

#include <stdio.h>
#include <string.h>

static bool print_field(void *context, const struct wt_field *field)
{
    (void)context;
    printf("%4zu +%-4zu %*s%s", field->offset, field->length, 2 * (int)field->depth, "", field->name);
    if (field->kind == WT_FIELD_NUMBER || field->kind == WT_FIELD_CODE)
        printf(" = %llu", (unsigned long long)field->number);
    printf("%s%s", field->value_name ? " " : "", field->value_name ? field->value_name : "");
    printf("%s%s\n", field->explanation ? " -- " : "", field->explanation ? field->explanation : "");
    return true;
}

static void print_hello(void *context, const struct wt_connection *connection)
{
    bool *done = context;
    const struct wt_message *message;
    for (size_t i = 0; !*done && (message = wt_connection_message(connection, i)); i++) {
        const char *type = wt_message_type_name(message);
        if ((*done = type && strcmp(type, "client_hello") == 0))
            wt_fields_message(message, print_field, NULL);
    }
}

int main(int argc, char **argv)
{
    bool done = false;
    struct wt_observer_options options = {
        .size = sizeof options, .connection = print_hello, .context = &done, .keep_messages = true};
    struct wt_observer *observer = wt_observer_new(&options, NULL);
    struct wt_error error;
    struct wt_capture *capture = argc == 2 ? wt_capture_open(argv[1], &error) : NULL;
    struct wt_packet packet;
    while (observer && capture && wt_capture_next(capture, &packet))
        wt_observer_packet(observer, &packet);
    if (observer)
        wt_observer_finish(observer);
    wt_capture_close(capture);
    wt_observer_free(observer);
    return !done;
}
