"""Reduces where a request came from to what is needed: whether two came from one network."""

from ipaddress import ip_address, ip_network


def network_of(address: str) -> str:
    """The network that an address lies in: 256 neighbours of IPv4, a site of IPv6; "" for what is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    mapped = getattr(found, "ipv4_mapped", None) or found
    return str(ip_network(f"{mapped}/{24 if mapped.version == 4 else 48}", strict=False))
