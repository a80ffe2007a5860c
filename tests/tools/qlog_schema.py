"""Whether a file is qlog 0.3: draft-ietf-quic-qlog-main-schema and draft-ietf-quic-qlog-quic-events as they were for that
version, as far as wiretale writes events of them. Members that have to be there are marked with a star; what the drafts
do not know may not be there, but for members that they let be added."""
import re


def is_uint(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_hex(value):
    return isinstance(value, str) and re.fullmatch(r'([0-9a-f]{2})*', value) is not None


def is_text(value):
    return isinstance(value, str)


def is_bool(value):
    return isinstance(value, bool)


def one_of(*words):
    return lambda value: value in words


def list_of(check, least=0):
    return lambda value: isinstance(value, list) and len(value) >= least and all(check(one) for one in value)


def either(*checks):
    return lambda value: any(check(value) for check in checks)


def struct(others=None, **members):
    """`name` may be there, `name_` has to; others: of members with any other name."""
    known = {name.rstrip('_'): check for name, check in members.items()}
    needed = {name.rstrip('_') for name in members if name.endswith('_')}

    def check(value):
        if not isinstance(value, dict) or needed - value.keys():
            return False
        for name, one in value.items():
            if name in known and not known[name](one):
                return False
            if name not in known and not (others and others(name, one)):
                return False
        return True
    return check


RAW = struct(length=is_uint, payload_length=is_uint, data=is_hex)
TOKEN = struct(type=one_of('retry', 'resumption', 'stateless_reset'), raw=RAW)
ADDRESS = either(is_text, is_hex)
OWNER = one_of('local', 'remote')
VERSION = lambda value: is_hex(value) and len(value) == 8  # noqa: E731
TRANSPORT_ERROR = one_of(
    'no_error', 'internal_error', 'connection_refused', 'flow_control_error', 'stream_limit_error', 'stream_state_error',
    'final_size_error', 'frame_encoding_error', 'transport_parameter_error', 'connection_id_limit_error',
    'protocol_violation', 'invalid_token', 'application_error', 'crypto_buffer_exceeded', 'key_update_error',
    'aead_limit_reached', 'no_viable_path')
CRYPTO_ERROR = lambda value: is_text(value) and re.fullmatch('crypto_error_0x1[0-9a-f]{2}', value)  # noqa: E731
CODE = either(TRANSPORT_ERROR, CRYPTO_ERROR, is_uint)
ACK_RANGE = lambda value: list_of(is_uint, 1)(value) and (len(value) == 1 or len(value) == 2 and value[0] <= value[1])  # noqa: E731
STREAM_TYPE = one_of('unidirectional', 'bidirectional')


def frame(**members):
    return struct(frame_type_=is_text, **members)


FRAMES = {
    'padding': frame(length=is_uint, payload_length_=is_uint),
    'ping': frame(),
    'ack': frame(ack_delay=is_number, acked_ranges=list_of(ACK_RANGE, 1), ect0=is_uint, ect1=is_uint, ce=is_uint),
    'reset_stream': frame(stream_id_=is_uint, error_code_=is_uint, final_size_=is_uint),
    'stop_sending': frame(stream_id_=is_uint, error_code_=is_uint),
    'crypto': frame(offset_=is_uint, length_=is_uint),
    'new_token': frame(token_=TOKEN),
    'stream': frame(stream_id_=is_uint, offset_=is_uint, length_=is_uint, fin=one_of(True)),
    'max_data': frame(maximum_=is_uint),
    'max_stream_data': frame(stream_id_=is_uint, maximum_=is_uint),
    'max_streams': frame(stream_type_=STREAM_TYPE, maximum_=is_uint),
    'data_blocked': frame(limit_=is_uint),
    'stream_data_blocked': frame(stream_id_=is_uint, limit_=is_uint),
    'streams_blocked': frame(stream_type_=STREAM_TYPE, limit_=is_uint),
    'new_connection_id': frame(sequence_number_=is_uint, retire_prior_to_=is_uint, connection_id_length=is_uint,
                               connection_id_=is_hex, stateless_reset_token=TOKEN),
    'retire_connection_id': frame(sequence_number_=is_uint),
    'path_challenge': frame(data=lambda value: is_hex(value) and len(value) == 16),
    'path_response': frame(data=lambda value: is_hex(value) and len(value) == 16),
    'connection_close': frame(error_space=one_of('transport', 'application'), error_code=CODE, raw_error_code=is_uint,
                              reason=is_text, trigger_frame_type=either(is_uint, is_text)),
    'handshake_done': frame(),
    'datagram': frame(length=is_uint),
    'unknown': frame(raw_frame_type_=is_uint),
}


def is_frame(value):
    return isinstance(value, dict) and value.get('frame_type') in FRAMES and FRAMES[value['frame_type']](value)


HEADER = struct(
    packet_type_=one_of('initial', 'handshake', '0RTT', '1RTT', 'retry', 'version_negotiation', 'stateless_reset', 'unknown'),
    packet_number=is_uint, token=TOKEN, length=is_uint, version=VERSION, scil=is_uint, dcil=is_uint, scid=is_hex, dcid=is_hex)
# capture_frame is ours: the packet of the capture
PACKET = struct(header_=HEADER, frames=list_of(is_frame), is_coalesced=is_bool, retry_token=TOKEN, raw=RAW, datagram_id=is_uint,
                supported_versions=list_of(VERSION, 1), capture_frame=is_uint)
PREFERRED = struct(ip_v4_=ADDRESS, ip_v6_=ADDRESS, port_v4_=is_uint, port_v6_=is_uint, connection_id_=is_hex,
                   stateless_reset_token_=TOKEN)
STATES = one_of('attempted', 'peer_validated', 'handshake_started', 'early_write', 'handshake_complete',
                'handshake_confirmed', 'closing', 'draining', 'closed')

EVENTS = {
    'connectivity:connection_started': struct(
        ip_version=one_of('v4', 'v6'), src_ip_=ADDRESS, dst_ip_=ADDRESS, protocol=is_text, src_port=is_uint, dst_port=is_uint,
        src_cid=is_hex, dst_cid=is_hex),
    'connectivity:connection_closed': struct(owner=OWNER, connection_code=CODE, application_code=is_uint, reason=is_text),
    'connectivity:connection_state_updated': struct(old=STATES, new_=STATES),
    # `new`, the secret, had to be there in the first of these drafts
    'security:key_updated': struct(
        key_type_=one_of('server_1rtt_secret', 'client_1rtt_secret'), generation=is_uint,
        trigger=one_of('tls', 'remote_update', 'local_update')),
    # "this event can contain any number of unspecified fields"
    'transport:parameters_set': struct(
        others=lambda name, value: is_hex(value) or is_uint(value) or value is True,
        owner=OWNER, original_destination_connection_id=is_hex, initial_source_connection_id=is_hex,
        retry_source_connection_id=is_hex, stateless_reset_token=TOKEN, disable_active_migration=is_bool,
        max_idle_timeout=is_uint, max_udp_payload_size=is_uint, ack_delay_exponent=is_uint, max_ack_delay=is_uint,
        active_connection_id_limit=is_uint, initial_max_data=is_uint, initial_max_stream_data_bidi_local=is_uint,
        initial_max_stream_data_bidi_remote=is_uint, initial_max_stream_data_uni=is_uint, initial_max_streams_bidi=is_uint,
        initial_max_streams_uni=is_uint, preferred_address=PREFERRED),
    'transport:packet_sent': PACKET,
    'transport:packet_received': PACKET,
}

COMMON = struct(time_format=one_of('absolute', 'delta', 'relative'), reference_time=is_number, ODCID=is_hex, group_id=is_text,
                protocol_type=list_of(is_text, 1))
VANTAGE = struct(name=is_text, type_=one_of('client', 'server', 'network', 'unknown'), flow=one_of('client', 'server'))
TRACE = struct(title=is_text, description=is_text, common_fields=COMMON, vantage_point_=VANTAGE, events_=list_of(
    struct(time_=is_number, name_=is_text, data_=lambda value: isinstance(value, dict))))
LOG = struct(qlog_version_=one_of('0.3'), qlog_format=one_of('JSON'), title=is_text, description=is_text,
             traces_=list_of(TRACE, 1))


def faults(log):
    """What is wrong with it."""
    if not LOG(log):
        return ['the file or its trace']
    found = []
    for trace in log['traces']:
        if trace['vantage_point']['type'] == 'network' and 'flow' not in trace['vantage_point']:
            found.append('a network without its flow')
        for event in trace['events']:
            if event['name'] not in EVENTS:
                found.append(f"an event that the drafts do not have: {event['name']}")
            elif not EVENTS[event['name']](event['data']):
                wrong = [f for f in event['data'].get('frames', []) if not is_frame(f)]
                found.append(f"{event['name']}: {wrong or event['data']}")
    return found
