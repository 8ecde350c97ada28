"""What people do with grafana-client (PyPI), against the server of argv[1]. Prints "done" at the end."""

import sys

from grafana_client import GrafanaApi
from grafana_client.client import GrafanaClientError

url = sys.argv[1].removeprefix("http://")
host, port = url.split(":")
grafana = GrafanaApi(auth=("admin", "prom-operator"), host=host, protocol="http", port=int(port))


def fails(status, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except GrafanaClientError as error:
        assert error.status_code == status, (status, error)
        return error
    raise AssertionError(f"{call} did not fail with {status}")


assert grafana.health.check()["database"] == "ok"
assert grafana.user.get_actual_user()["login"] == "admin"
assert grafana.organization.get_current_organization()["name"] == "Main Org."

folder = grafana.folder.create_folder("Python", uid="python")
assert folder["uid"] == "python"
fails(409, grafana.folder.create_folder, "Python")
child = grafana.folder.create_folder("Child", uid="child", parent_uid="python")
assert grafana.folder.get_folder("child")["parentUid"] == "python"
assert [one["uid"] for one in grafana.folder.get_all_folders(parent_uid="python")] == ["child"]
assert grafana.folder.update_folder("child", title="Kid", version=1)["title"] == "Kid"

document = {"uid": "py", "title": "From Python", "tags": ["py"], "panels": [], "mine": {"kept": True}}
saved = grafana.dashboard.update_dashboard({"dashboard": document, "folderUid": "python", "message": "one"})
assert (saved["status"], saved["version"]) == ("success", 1)
got = grafana.dashboard.get_dashboard("py")
assert got["dashboard"]["mine"] == {"kept": True}
assert got["meta"]["folderUid"] == "python"
error = fails(412, grafana.dashboard.update_dashboard, {"dashboard": document})
assert error.response["status"] == "version-mismatch", error.response
grafana.dashboard.update_dashboard({"dashboard": {**document, "title": "Two"}, "overwrite": True})
found = grafana.search.search_dashboards(query="two", tag="py", type_="dash-db")
assert [one["uid"] for one in found] == ["py"]
assert {"term": "py", "count": 1} in grafana.dashboard.get_dashboards_tags()
versions = grafana.dashboard_versions.get_dashboard_versions(dashboard_uid="py")
versions = versions["versions"] if isinstance(versions, dict) else versions
assert [one["version"] for one in versions] == [2, 1]
grafana.dashboard_versions.restore_dashboard(dashboard_uid="py", version_id=1)
assert grafana.dashboard.get_dashboard("py")["dashboard"]["title"] == "From Python"

note = grafana.annotations.add_annotation(dashboard_uid="py", time_from=1000, time_to=2000, tags=["a"], text="t")
assert grafana.annotations.get_annotation(tags=["a"], limit=5)[0]["id"] == note["id"]
grafana.annotations.delete_annotations_by_id(note["id"])
element = grafana.libraryelement.create_library_element({"type": "stat"}, name="Lib", uid="lib")
assert element["result"]["type"] == "stat"
grafana.libraryelement.delete_library_element("lib")
prometheus = grafana.datasource.get_datasource_by_uid("prometheus")
assert prometheus["type"] == "prometheus"

assert grafana.dashboard.delete_dashboard("py")["title"] == "From Python"
fails(404, grafana.dashboard.get_dashboard, "py")
grafana.folder.delete_folder("python")
fails(404, grafana.folder.get_folder, "child")
print("done")
