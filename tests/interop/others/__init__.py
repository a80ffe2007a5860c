"""The peers, in the order of the page."""
from others.curl import Curl
from others.gnutls import GnuTLS
from others.nginx import Nginx
from others.openssl import OpenSSL
from others.scripts import Node, Python

PEERS = (OpenSSL, GnuTLS, Python, Node, Nginx, Curl)
