"""The peers, in the order of the page."""
from others.botan import Botan
from others.curl import Curl
from others.gnutls import GnuTLS
from others.java import Java
from others.nginx import Nginx
from others.nss import NSS
from others.openssl import OpenSSL
from others.scripts import Node, Python

PEERS = (OpenSSL, GnuTLS, NSS, Java, Botan, Python, Node, Nginx, Curl)
