module github.com/yolo-live/yolo

go 1.26
